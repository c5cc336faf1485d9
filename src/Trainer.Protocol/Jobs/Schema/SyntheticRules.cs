namespace LstmCluster.Protocol;

/// <summary>What a source that is made (<see cref="SyntheticOptions"/>) brings with it, and what does not fit it.</summary>
static class SyntheticRules
{
    /// <summary>The job with what its source fills in.</summary>
    /// <exception cref="UserErrorException">The source is none that can be made, or a key does not fit it.</exception>
    public static Job Apply(Job job, SectionPlaces places)
    {
        var options = Parse(job.Data.Source, places);
        if (job.Task is not RegressorTask task) throw places.Error("data.source", $"makes numbers for a regressor, and the task is {JobSchema.NameOf(job.Task)}");
        foreach (var key in (string[])["format", "input", "target", "columns", "series", "targetTokens", "vocabulary", "longer", "onBadRow", "key", .. FormatRules.Keys])
        {
            if (places.Has($"data.{key}")) throw places.Error($"data.{key}", "is for files, and the data are made (data.source)");
        }

        if (job.Data.Split == SplitKind.Hash) throw places.Error("data.split", "must be order where the data are made: what is held out has sequences of its own");
        if (places.Has("data.tokens") && job.Data.Tokens != TokenKind.Numbers) throw places.Error("data.tokens", "must be numbers where the data are made");
        if (job.Data.Features is { } features && features != options.Features) throw places.Error("data.features", $"must be {options.Features} for this source, got {features}");
        if (task.Outputs != 1) throw places.Error("task.regressor.outputs", $"must be 1 where the data are made, got {task.Outputs}");
        if (places.Has("task.regressor.answers") && task.Answers != options.Answers)
            throw places.Error("task.regressor.answers", $"must be {options.Answers.ToString().ToLowerInvariant()} for this source");
        if (job.Training.Length < options.LongestSequence)
            throw places.Error("training.length", $"must be at least {options.LongestSequence}, the longest sequence of this source, got {job.Training.Length}");
        return job with
        {
            Task = task with { Answers = options.Answers },
            Data = job.Data with { Tokens = TokenKind.Numbers, Features = options.Features, Split = SplitKind.Order, Bucketing = job.Data.Bucketing ?? 0 },
        };
    }

    static SyntheticOptions Parse(string source, SectionPlaces places)
    {
        try
        {
            return SyntheticOptions.Parse(source);
        }
        catch (UserErrorException error)
        {
            throw places.Error("data.source", error.Message);
        }
    }
}
