namespace LstmCluster.Protocol;

/// <summary>Which keys of <c>data:</c> belong to which task, and what those have that the file leaves out.</summary>
static class DataRules
{
    /// <summary>The job with every key of its task's data.</summary>
    /// <exception cref="UserErrorException">A key is missing, or does not belong to the task.</exception>
    public static Job Apply(Job job, SectionPlaces places)
    {
        CheckHeldOut(job.Data, places);
        if (SyntheticOptions.Is(job.Data.Source)) return SyntheticRules.Apply(job, places);
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
        foreach (var key in (string[])["format", "input", "target", "targetTokens", "features", "longer", "bucketing", "onBadRow", "key", .. FormatRules.Keys])
        {
            if (places.Has($"data.{key}")) throw places.Error($"data.{key}", $"is for rows with an input and a target, and a {task} reads one running text");
        }

        if (data.Tokens == TokenKind.Numbers)
            throw places.Error("data.tokens", $"must be char, byte, word or bpe for a {task}, which reads one running text");
        if (data is { Tokens: TokenKind.Subword, Vocabulary: null }) throw places.Error("data.vocabulary", "is missing: number of tokens, which data.tokens: bpe needs, such as 4000");
        if (data is { Tokens: TokenKind.Subword, Vocabulary: <= 256 }) throw places.Error("data.vocabulary", $"must be more than the 256 bytes for data.tokens: bpe, got {data.Vocabulary}");
        if (data.Vocabulary is not null && data.Tokens is not (TokenKind.Word or TokenKind.Subword))
            throw places.Error("data.vocabulary", $"limits words: of the characters or bytes of a {task} all are known");
        return data with { Split = data.Split ?? SplitKind.Order };
    }

    static DataOptions OfRows(Job job, SectionPlaces places)
    {
        var (data, task) = (job.Data, JobSchema.NameOf(job.Task));
        data = FormatRules.Apply(job, places);
        if (data.Tokens == TokenKind.Subword) throw places.Error("data.tokens", $"bpe is for texts: a {task} reads char, byte, word or numbers");
        if (data.Tokens == TokenKind.Numbers && data.Features is null) throw places.Error("data.features", "is missing: numbers of a time step, which data.tokens: numbers needs");
        if (data.Tokens != TokenKind.Numbers && data.Features is not null) throw places.Error("data.features", "is for data.tokens: numbers only");
        if (job.Task is not SequenceToSequenceTask && data.TargetTokens is not null)
            throw places.Error("data.targetTokens", $"is for seq2seq only: the targets of a {task} are no sequences of tokens");
        if (data is { Key: not null, Split: SplitKind.Order }) throw places.Error("data.key", "is what data.split: hash goes by, and data.split is order");
        if (data.Vocabulary is not null && data.Tokens is not (TokenKind.Word or TokenKind.Character))
            throw places.Error("data.vocabulary", "limits words or characters: data.tokens are neither");
        return data with
        {
            Longer = data.Longer ?? LongerRows.Fail,
            Bucketing = data.Bucketing ?? 0,
            OnBadRow = data.OnBadRow ?? MalformedRows.Fail,
            Split = data.Split ?? SplitKind.Hash,
            TargetTokens = job.Task is SequenceToSequenceTask ? data.TargetTokens ?? (data.Format == DataFormat.Dictionary ? TokenKind.Word : TokenKind.Character) : null,
        };
    }
}
