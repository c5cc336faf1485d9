using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>The files of a text in the order in which they are read: those to train on, to validate on, and to test on.</summary>
/// <param name="Paths">The files.</param>
/// <param name="TrainingFiles">How many of them are trained on; null when the parts are cut by tokens instead.</param>
/// <param name="ValidationFiles">How many of the following ones are validated on.</param>
sealed record TextFiles(IReadOnlyList<string> Paths, int? TrainingFiles = null, int ValidationFiles = 0)
{
    /// <summary>What errors call the text as a whole.</summary>
    public string Name => Paths.Count == 1 ? Paths[0] : $"{Paths[0]} and {Paths.Count - 1} more";

    /// <summary>Ends whatever goes through the files with an <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Puts files in order.</summary>
    /// <param name="paths">The files, at least one.</param>
    /// <param name="data">How they are split.</param>
    /// <param name="cancellation">See <see cref="Cancellation"/>.</param>
    /// <exception cref="UserErrorException">A file cannot be read, or a part has none.</exception>
    public static TextFiles Of(IReadOnlyList<string> paths, DataOptions data, CancellationToken cancellation = default)
    {
        if (data.Split != SplitKind.Hash) return new TextFiles(paths) { Cancellation = cancellation };
        var parts = paths.ToLookup(path => FileContent.Use(path, stream => HeldOut.PartOf(stream, data), cancellation));
        Require(DataPart.Training, needed: true, "data.validation or data.test");
        Require(DataPart.Validation, data.Validation > 0, "data.validation");
        Require(DataPart.Test, data.Test > 0, "data.test");
        return new TextFiles(
            [.. parts[DataPart.Training], .. parts[DataPart.Validation], .. parts[DataPart.Test]], parts[DataPart.Training].Count(), parts[DataPart.Validation].Count())
        {
            Cancellation = cancellation,
        };

        void Require(DataPart part, bool needed, string key)
        {
            if (needed && !parts.Contains(part))
                throw new UserErrorException($"data.split: hash puts none of {paths.Count} files of {data.Source} into the part for {part.ToString().ToLowerInvariant()}; change {key}, or set data.split: order");
        }
    }

    /// <summary>Cuts the tokens of all files.</summary>
    /// <param name="ends">Number of tokens up to the end of each file.</param>
    /// <param name="data">How they are split.</param>
    public TextCut Cut(IReadOnlyList<int> ends, DataOptions data)
    {
        if (TrainingFiles is not { } training) return TextCut.ByOrder(ends[^1], data.Validation, data.Test);
        var cut = ends[training - 1];
        return new TextCut(cut, ends[training + ValidationFiles - 1] - cut, ends[^1] - ends[training + ValidationFiles - 1]);
    }
}

/// <summary>How many tokens of a text each part has; the parts follow one another.</summary>
/// <param name="Training">Tokens to train on.</param>
/// <param name="Validation">Tokens to validate on.</param>
/// <param name="Test">Tokens to test on.</param>
public readonly record struct TextCut(int Training, int Validation, int Test)
{
    /// <summary>The part of what stands at a place.</summary>
    /// <param name="place">The place, from 0.</param>
    public DataPart PartAt(int place) => place < Training ? DataPart.Training : place < Training + Validation ? DataPart.Validation : DataPart.Test;

    /// <summary>Cuts by order. In decimal, so that 0.1 is a tenth and not the double beside it.</summary>
    /// <param name="count">Tokens of the text.</param>
    /// <param name="validation">Fraction to validate on.</param>
    /// <param name="test">Fraction to test on.</param>
    public static TextCut ByOrder(int count, double validation, double test)
    {
        var training = Rest(count, (decimal)validation + (decimal)test);
        var known = Rest(count, (decimal)test);
        return new TextCut(training, known - training, count - known);
    }

    static int Rest(int count, decimal heldOut) => (int)(count * (1m - heldOut));
}
