namespace LstmCluster.Protocol;

/// <summary>Which keys of <c>data:</c> belong to which task, and what those have that the file leaves out.</summary>
static class DataRules
{
    /// <summary>The job with every key of its task's data.</summary>
    /// <exception cref="UserErrorException">A key is missing, or does not belong to the task.</exception>
    public static Job Apply(Job job, SectionPlaces places) =>
        job with { Data = job.Task.HasRows ? OfRows(job, places) : OfText(job, places) };

    static DataOptions OfText(Job job, SectionPlaces places)
    {
        var task = JobSchema.NameOf(job.Task);
        foreach (var key in (string[])["format", "input", "target", "targetTokens", "features", "longer"])
        {
            if (places.Has($"data.{key}")) throw places.Error($"data.{key}", $"is for rows with an input and a target, and a {task} reads one running text");
        }

        if (job.Data.Tokens is not (TokenKind.Character or TokenKind.Byte))
            throw places.Error("data.tokens", $"must be char or byte for a {task}, which reads one running text");
        return job.Data;
    }

    static DataOptions OfRows(Job job, SectionPlaces places)
    {
        var (data, task) = (job.Data, JobSchema.NameOf(job.Task));
        if (data.Input is null) throw places.Error("data.input", "is missing: name of the column with the inputs");
        if (data.Target is null) throw places.Error("data.target", "is missing: name of the column with the targets");
        if (data.Tokens == TokenKind.Numbers && data.Features is null) throw places.Error("data.features", "is missing: numbers of a time step, which data.tokens: numbers needs");
        if (data.Tokens != TokenKind.Numbers && data.Features is not null) throw places.Error("data.features", "is for data.tokens: numbers only");
        if (job.Task is not SequenceToSequenceTask && data.TargetTokens is not null)
            throw places.Error("data.targetTokens", $"is for seq2seq only: the targets of a {task} are no sequences of tokens");
        return data with
        {
            Format = data.Format ?? DataFormat.Tsv,
            Longer = data.Longer ?? LongerRows.Fail,
            TargetTokens = job.Task is SequenceToSequenceTask ? data.TargetTokens ?? TokenKind.Character : null,
        };
    }
}
