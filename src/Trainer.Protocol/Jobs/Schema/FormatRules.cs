namespace LstmCluster.Protocol;

/// <summary>Which keys of <c>data:</c> belong to which format of rows, and which format to which task.</summary>
static class FormatRules
{
    /// <summary>Keys that only rows have, and of them only some formats.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["targetSource", "testSource", "testTargetSource", "targetMap", "targetWithout", "encoding"];

    /// <summary>The data with what its format fills in.</summary>
    /// <exception cref="UserErrorException">A key is missing, or does not belong to the format, or the format not to the task.</exception>
    public static DataOptions Apply(Job job, SectionPlaces places)
    {
        var data = job.Data with { Format = job.Data.Format ?? DataFormat.Tsv };
        var (format, task) = (data.Format!.Value, JobSchema.NameOf(job.Task));
        var name = format.ToString().ToLowerInvariant();
        if (format is DataFormat.Tsv or DataFormat.Csv) RequireColumns(data, places);
        else Refuse(["input", "target", "key"], $"names a column, and data.format: {name} has none");
        switch (format)
        {
            case DataFormat.Tagged: RequireTask(job.Task is TaggerTask, "tagger"); break;
            case DataFormat.Dictionary: RequireTask(job.Task is SequenceToSequenceTask, "seq2seq"); break;
            case DataFormat.Folders or DataFormat.Idx: RequireTask(job.Task is ClassifierTask, "classifier"); break;
            default: break;
        }

        if (format is DataFormat.Parallel or DataFormat.Idx) RequireTargets(data, name, places);
        else Refuse(["targetSource", "testTargetSource"], $"holds targets that stand apart, and with data.format: {name} they stand beside the inputs");
        if (format is not (DataFormat.Tagged or DataFormat.Folders or DataFormat.Idx)) Refuse(["targetMap"], "is for data.format: tagged, folders and idx");
        if (format is not (DataFormat.Dictionary or DataFormat.Parallel)) Refuse(["targetWithout"], "is for data.format: dictionary and parallel");
        if (format == DataFormat.Idx)
        {
            // What is the default anyway may stand there: job files that are written as they were resolved have it.
            if (data.Longer is LongerRows.Cut or LongerRows.Skip) throw places.Error("data.longer", "must be fail for data.format: idx, whose images are all of one size; raise training.length");
            if (data.OnBadRow == MalformedRows.Skip) throw places.Error("data.onBadRow", "must be fail for data.format: idx: a file of images is right or wrong as a whole");
        }

        if (data is { TestSource: not null, Test: > 0 }) throw places.Error("data.test", "must be 0 with data.testSource, which is all for the test");
        return format switch
        {
            DataFormat.Tagged => WithTokens(data, TokenKind.Word, [TokenKind.Word, TokenKind.Character], "word or char"),
            DataFormat.Idx => WithTokens(data, TokenKind.Numbers, [TokenKind.Numbers], "numbers"),
            DataFormat.Dictionary or DataFormat.Folders => WithTokens(data, data.Tokens, [TokenKind.Character, TokenKind.Byte, TokenKind.Word], "char, byte or word"),
            _ => data,
        };

        void RequireTask(bool isRight, string right)
        {
            if (!isRight) throw places.Error("data.format", $"{name} is for a {right}, and the task is {task}");
        }

        void Refuse(IReadOnlyList<string> keys, string why)
        {
            foreach (var key in keys)
                if (places.Has($"data.{key}"))
                    throw places.Error($"data.{key}", why);
        }

        DataOptions WithTokens(DataOptions own, TokenKind otherwise, TokenKind[] allowed, string words)
        {
            var tokens = places.Has("data.tokens") ? own.Tokens : otherwise;
            return allowed.Contains(tokens) ? own with { Tokens = tokens } : throw places.Error("data.tokens", $"must be {words} for data.format: {name}");
        }
    }

    static void RequireColumns(DataOptions data, SectionPlaces places)
    {
        if (data.Input is null) throw places.Error("data.input", "is missing: name of the column with the inputs");
        if (data.Target is null) throw places.Error("data.target", "is missing: name of the column with the targets");
    }

    static void RequireTargets(DataOptions data, string format, SectionPlaces places)
    {
        if (data.TargetSource is null) throw places.Error("data.targetSource", $"is missing: the files with the targets, which data.format: {format} has apart from the inputs");
        if (data.TestSource is null != data.TestTargetSource is null)
            throw places.Error($"data.{(data.TestSource is null ? "testSource" : "testTargetSource")}", $"is missing: data.format: {format} has inputs and targets apart, for the test too");
    }
}
