namespace LstmCluster.Protocol;

/// <summary>Whether training begins with the beginnings of rows and goes on to longer ones (<c>training.growth:</c>).</summary>
/// <remarks>What is learned of short sequences is where learning of longer ones begins: a curriculum (Elman 1993; Bengio et al. 2009).</remarks>
public sealed record GrowthOptions
{
    /// <summary>Time steps of a row that the first steps read; 0 when rows are read to their end from the first step on.</summary>
    public int From { get; init; }

    /// <summary>Steps after which that doubles, again and again.</summary>
    public int Every { get; init; } = 1000;

    /// <summary>Time steps of a row that are read in the end; 0 when rows are then read whole.</summary>
    public int To { get; init; }

    /// <summary>Time steps of a row that a step reads at most.</summary>
    /// <param name="step">The step, from 0.</param>
    public int LengthAt(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        if (From == 0) return int.MaxValue;
        var (doublings, last) = (step / Every, To == 0 ? int.MaxValue : To);
        return doublings >= 31 ? last : (int)Math.Min((long)From << (int)doublings, last);
    }
}
