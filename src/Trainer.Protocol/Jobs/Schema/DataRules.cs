namespace LstmCluster.Protocol;

/// <summary>Which keys of <c>data:</c> belong to which task, and what those have that the file leaves out.</summary>
static class DataRules
{
    /// <summary>The job with every key of its task's data.</summary>
    /// <exception cref="UserErrorException">A key is missing, or does not belong to the task.</exception>
    public static Job Apply(Job job, SectionPlaces places)
    {
        CheckHeldOut(job.Data, places);
        if (job.Task is WindowTask task) return job with { Data = TableRules.Apply(job.Data, task, job.Training, places) };
        foreach (var key in (string[])["columns", "series"])
        {
            if (places.Has($"data.{key}")) throw places.Error($"data.{key}", $"is for a forecaster or anomaly, which read tables: a {JobSchema.NameOf(job.Task)} does not");
        }

        return job with { Data = job.Task.HasRows ? OfRows(job, places) : OfText(job, places) };
    }

    static void CheckHeldOut(DataOptions data, SectionPlaces places)
    {
        if (data.Validation + data.Test >= 1)
            throw places.Error("data.test", $"and data.validation leave nothing to train on: {data.Test} and {data.Validation} are held out, expected less than 1 together");
    }

    static DataOptions OfText(Job job, SectionPlaces places)
    {
        var (data, task) = (job.Data, JobSchema.NameOf(job.Task));
        foreach (var key in (string[])["format", "input", "target", "targetTokens", "features", "longer", "onBadRow", "key"])
        {
            if (places.Has($"data.{key}")) throw places.Error($"data.{key}", $"is for rows with an input and a target, and a {task} reads one running text");
        }

        if (data.Tokens == TokenKind.Numbers)
            throw places.Error("data.tokens", $"must be char, byte or word for a {task}, which reads one running text");
        if (data.Vocabulary is not null && data.Tokens != TokenKind.Word)
            throw places.Error("data.vocabulary", $"limits words: of the characters or bytes of a {task} all are known");
        return data with { Split = data.Split ?? SplitKind.Order };
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
        if (data is { Key: not null, Split: SplitKind.Order }) throw places.Error("data.key", "is what data.split: hash goes by, and data.split is order");
        if (data.Vocabulary is not null && data.Tokens is not (TokenKind.Word or TokenKind.Character))
            throw places.Error("data.vocabulary", "limits words or characters: data.tokens are neither");
        return data with
        {
            Format = data.Format ?? DataFormat.Tsv,
            Longer = data.Longer ?? LongerRows.Fail,
            OnBadRow = data.OnBadRow ?? MalformedRows.Fail,
            Split = data.Split ?? SplitKind.Hash,
            TargetTokens = job.Task is SequenceToSequenceTask ? data.TargetTokens ?? TokenKind.Character : null,
        };
    }
}
