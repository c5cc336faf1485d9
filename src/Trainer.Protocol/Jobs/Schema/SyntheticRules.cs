namespace LstmCluster.Protocol;

/// <summary>What a source that is made (<see cref="SyntheticOptions"/>) brings with it, and what does not fit it.</summary>
static class SyntheticRules
{
    /// <summary>The job with what its source fills in.</summary>
    /// <exception cref="UserErrorException">The source is none that can be made, or a key does not fit it.</exception>
    public static Job Apply(Job job, SectionPlaces places)
    {
        var options = Parse("data.source", job.Data.Source, places);
        if (job.Task is not RegressorTask task) throw places.Error("data.source", $"makes numbers for a regressor, and the task is {JobSchema.NameOf(job.Task)}");
        foreach (var key in (string[])["format", "input", "target", "columns", "series", "targetTokens", "vocabulary", "longer", "onBadRow", "key", .. FormatRules.Keys.Where(key => key != "testSource")])
        {
            if (places.Has($"data.{key}")) throw places.Error($"data.{key}", "is for files, and the data are made (data.source)");
        }

        if (job.Data.Split == SplitKind.Hash) throw places.Error("data.split", "must be order where the data are made: what is held out has sequences of its own");
        if (places.Has("data.tokens") && job.Data.Tokens != TokenKind.Numbers) throw places.Error("data.tokens", "must be numbers where the data are made");
        if (job.Data.Features is { } features && features != options.Features) throw places.Error("data.features", $"must be {options.Features} for this source, got {features}");
        if (task.Outputs != 1) throw places.Error("task.regressor.outputs", $"must be 1 where the data are made, got {task.Outputs}");
        if (places.Has("task.regressor.answers") && task.Answers != options.Answers)
            throw places.Error("task.regressor.answers", $"must be {options.Answers.ToString().ToLowerInvariant()} for this source");
        CheckTest(job.Data, options, places);
        if (job.Training.Length < options.LongestSequence)
            throw places.Error("training.length", $"must be at least {options.LongestSequence}, the longest sequence of this source, got {job.Training.Length}");
        return job with
        {
            Task = task with { Answers = options.Answers },
            Data = job.Data with { Tokens = TokenKind.Numbers, Features = options.Features, Split = SplitKind.Order, Bucketing = job.Data.Bucketing ?? 0 },
        };
    }

    /// <summary>Sequences of the test may be longer than those of training, and otherwise like them.</summary>
    static void CheckTest(DataOptions data, SyntheticOptions training, SectionPlaces places)
    {
        if (data.TestSource is not { } source) return;
        if (!SyntheticOptions.Is(source)) throw places.Error("data.testSource", $"must be made as data.source is, got {source}");
        if (Parse("data.testSource", source, places).Kind != training.Kind) throw places.Error("data.testSource", "must make what data.source makes: only its options may be others");
        if (data.Test > 0) throw places.Error("data.test", "must be 0 with data.testSource, which is all for the test");
    }

    static SyntheticOptions Parse(string key, string source, SectionPlaces places)
    {
        try
        {
            return SyntheticOptions.Parse(source);
        }
        catch (UserErrorException error)
        {
            throw places.Error(key, error.Message);
        }
    }
}
