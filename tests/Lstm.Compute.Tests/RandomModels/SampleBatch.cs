namespace LstmCluster.Compute.Tests;

/// <summary>A batch that can be kept and cut: into shards for several workers, into rows.</summary>
/// <param name="Shape">T and N.</param>
/// <param name="LossSteps">Steps at which there is a loss: T, 1 or U.</param>
sealed record SampleBatch(BatchShape Shape, int LossSteps)
{
    public int[] Tokens { get; init; } = [];
    public int[] Characters { get; init; } = [];
    public float[] Features { get; init; } = [];
    public int[] Lengths { get; init; } = [];
    public int[] Classes { get; init; } = [];
    public float[] Values { get; init; } = [];

    /// <summary>What each row starts from; null for the model's initial state.</summary>
    public float[]?[] States { get; init; } = [];

    public ShardRows[] Shards { get; init; } = [];

    /// <summary>U of an encoder-decoder; else 0.</summary>
    public int TargetSteps { get; init; }

    /// <summary>Which rows of the whole batch these are.</summary>
    public int[] Rows { get; init; } = [];

    public Batch Batch => new()
    {
        Shape = Shape,
        Tokens = Tokens,
        Characters = Characters,
        Features = Features,
        Lengths = Lengths,
        Classes = Classes,
        Values = Values,
        TargetSteps = TargetSteps,
        Shards = Shards,
    };

    /// <summary>Shards with these numbers of rows, in order.</summary>
    public static ShardRows[] ShardsOf(int[] rows) => [.. rows.Select((count, shard) => new ShardRows(shard, new(rows.Take(shard).Sum(), count)))];

    /// <summary>Some shards, as a worker gets them.</summary>
    public SampleBatch Of(int[] shards)
    {
        var (own, rows) = (new List<ShardRows>(), new List<int>());
        foreach (var (shard, range) in shards.Select(shard => Shards[shard]))
        {
            own.Add(new(shard, new(rows.Count, range.Count)));
            rows.AddRange(Enumerable.Range(range.First, range.Count));
        }

        return Of([.. rows], Shape.Steps) with { Shards = [.. own] };
    }

    /// <summary>One row alone, no longer than it is. It is all of its shard, so only a first row has the masks that it has here.</summary>
    public SampleBatch Row(int row)
    {
        var steps = Lengths.Length == 0 ? Shape.Steps : Math.Max(1, Lengths[row]);
        var alone = Of([row], steps);
        return alone with { Shards = [new(Shards.Single(shard => shard.Rows.First == row).Shard, new(0, 1))], LossSteps = alone.LossSteps };
    }

    /// <summary>Columns of a tensor [steps,N,width] of the whole batch.</summary>
    public T[] ColumnsOf<T>(T[] whole, int[] rows, int steps, int width) => whole.Length == 0
        ? []
        : [.. from step in Enumerable.Range(0, steps) from row in rows from element in Enumerable.Range(0, width) select whole[(((step * Shape.Rows) + row) * width) + element]];

    SampleBatch Of(int[] rows, int steps)
    {
        // Losses stand at the sequence's own steps, or at others that all rows share.
        var lossSteps = TargetSteps == 0 && LossSteps == Shape.Steps ? steps : LossSteps;
        return new SampleBatch(new(steps, rows.Length), lossSteps)
        {
            Tokens = ColumnsOf(Tokens, rows, steps, 1),
            Characters = ColumnsOf(Characters, rows, steps, Characters.Length / Shape.Positions),
            Features = ColumnsOf(Features, rows, steps, Features.Length / Shape.Positions),
            Lengths = Lengths.Length == 0 ? [] : [.. rows.Select(row => Math.Min(steps, Lengths[row]))],
            Classes = ColumnsOf(Classes, rows, lossSteps, 1),
            Values = ColumnsOf(Values, rows, lossSteps, Values.Length / (LossSteps * Shape.Rows)),
            States = [.. rows.Select(row => States[row])],
            TargetSteps = TargetSteps,
            Rows = rows,
        };
    }
}
