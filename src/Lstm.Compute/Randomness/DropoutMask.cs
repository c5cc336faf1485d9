namespace LstmCluster.Compute;

/// <summary>Names a dropout mask; every element of it is a pure function of this name, its row's key and its place.</summary>
/// <remarks>
/// Element (t, n, unit) of a mask of width w is lane <c>e mod 4</c> of the Philox block with counter
/// <c>(e div 4, row, shard, stream)</c>, where <c>e = (FirstStep + t)*w + unit</c> and shard and row are the keys of batch row n.
/// It is kept when that 32-bit word is at least <see cref="Threshold"/>.
/// </remarks>
/// <param name="Rate">Probability of zero, in [0,1); of scheduled sampling in [0,1].</param>
/// <param name="Key">Philox key of the job's seed and step: <see cref="Philox.KeyOf"/>.</param>
/// <param name="Stream">Which mask of the step: one for each place in the model where dropout is applied.</param>
public readonly record struct DropoutMask(float Rate, ulong Key, uint Stream)
{
    /// <summary>Where the operands' first time step stands in the batch: 0 unless they are a window of it.</summary>
    public int FirstStep { get; init; }

    /// <summary>Words below it are dropped.</summary>
    public uint Threshold => (uint)((double)Rate * 4294967296.0);

    /// <summary>Factor of what is kept.</summary>
    public float KeptScale => 1f / (1f - Rate);

    /// <summary>The random word of one element.</summary>
    internal uint Word(uint element, uint shard, uint row)
    {
        var (x0, x1, x2, x3) = (element / 4, row, shard, Stream);
        Philox.Block(Key, ref x0, ref x1, ref x2, ref x3);
        return (element % 4) switch { 0 => x0, 1 => x1, 2 => x2, _ => x3 };
    }

    /// <summary>True when scheduled sampling replaces what a word stands for: as often as the rate says, at rate 1 always.</summary>
    internal bool Replaces(uint word) => Rate >= 1 || word < Threshold;
}
