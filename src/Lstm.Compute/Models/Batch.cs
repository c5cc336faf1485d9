namespace LstmCluster.Compute;

/// <summary>The rows of one shard within a batch.</summary>
/// <param name="Shard">Index of the shard.</param>
/// <param name="Rows">Its rows.</param>
public readonly record struct ShardRows(int Shard, RowRange Rows);

/// <summary>What goes into a model at once, in host memory: inputs, and in training or evaluation what they should give.</summary>
/// <remarks>
/// A model reads what it is made for: tokens or features, classes or values. Targets stand at loss positions: [T,N] for a model that answers at every step,
/// [N] for one that pools its sequence, and [<see cref="TargetSteps"/>,N] for an encoder-decoder.
/// </remarks>
public readonly ref struct Batch
{
    /// <summary>T and N of the input.</summary>
    public required BatchShape Shape { get; init; }

    /// <summary>[T,N] tokens, each below the vocabulary size; anything beyond a row's length. Empty for a model of features.</summary>
    public ReadOnlySpan<int> Tokens { get; init; }

    /// <summary>
    /// [T,N,C] characters of each token, where the model reads them (<see cref="CharacterEncoder"/>); a word has at least one and ends before the first negative one, or at C. Anything beyond a
    /// row's length. Empty for a model that reads none.
    /// </summary>
    public ReadOnlySpan<int> Characters { get; init; }

    /// <summary>[T,N,D] features; anything beyond a row's length. Empty for a model of tokens.</summary>
    public ReadOnlySpan<float> Features { get; init; }

    /// <summary>[N]: time steps of each row, in 0..T; empty when all have T. A row of length 0 fills a batch up: it has no loss.</summary>
    public ReadOnlySpan<int> Lengths { get; init; }

    /// <summary>U, steps of the output sequences of an encoder-decoder.</summary>
    public int TargetSteps { get; init; }

    /// <summary>Class at each loss position, negative ones ignored, anything beyond a row's length; empty to compute outputs only, or when the targets are <see cref="Values"/>.</summary>
    public ReadOnlySpan<int> Classes { get; init; }

    /// <summary>[positions,outputs] values to be met; a position of NaN only is ignored; anything beyond a row's length; empty to compute outputs only, or when the targets are <see cref="Classes"/>.</summary>
    public ReadOnlySpan<float> Values { get; init; }

    /// <summary>The shards of the batch, ascending; together all N rows. Empty when all are of shard 0.</summary>
    public ReadOnlySpan<ShardRows> Shards { get; init; }
}
