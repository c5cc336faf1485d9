namespace LstmCluster.Compute.Tests;

/// <summary>A small model of any kind, a batch for it, and its weights, all drawn from a seed.</summary>
sealed class ModelCase
{
    const float Delta = 0.75f, Smoothing = 0.125f;

    readonly int[] _tokens, _classes;
    readonly float[] _features, _values;

    public ModelCase(ModelChoice choice)
    {
        Choice = choice;
        Model = Create(choice);
        var draw = new Draw(choice.Seed);
        Shape = new BatchShape(choice.Steps, choice.ShardRows.Sum());
        Shards = [.. choice.ShardRows.Select((rows, shard) => new ShardRows(shard, new(choice.ShardRows.Take(shard).Sum(), rows)))];
        Lengths = choice.IsRagged ? draw.Integers(Shape.Rows, 0, choice.Steps + 1) : [];
        Parameters = draw.Uniform(Model.Parameters.Length);
        var positions = choice.Pooling is null ? Shape.Positions : Shape.Rows;
        _tokens = Model.Vocabulary > 0 ? draw.Integers(Shape.Positions, 0, Model.Vocabulary) : [];
        _features = Model.Vocabulary > 0 ? [] : Singles(draw.Uniform(Shape.Positions * Model.Features, 2));
        _classes = Model.Loss.TakesClasses ? draw.Integers(positions, -1, Model.Outputs) : [];
        _values = Model.Loss.TakesClasses ? [] : Singles(draw.Positive(positions * Model.Outputs));
    }

    public ModelChoice Choice { get; }

    public SequenceModel Model { get; }

    public BatchShape Shape { get; }

    public ShardRows[] Shards { get; }

    public int[] Lengths { get; }

    public double[] Parameters { get; }

    public ulong MaskKey => Philox.KeyOf((ulong)Choice.Seed, 1);

    public Batch Batch => new()
    {
        Shape = Shape,
        Tokens = _tokens,
        Features = _features,
        Classes = _classes,
        Values = _values,
        Lengths = Lengths,
        Shards = Shards,
    };

    /// <summary>The batch of one row by itself, as long as the row is; it keeps its shard.</summary>
    public RowBatch Row(int row)
    {
        var steps = Lengths.Length == 0 ? Shape.Steps : Lengths[row];
        var lossSteps = Choice.Pooling is null ? steps : 1;
        return new RowBatch(
            new BatchShape(steps, 1), Of(_tokens, steps, 1), Of(_features, steps, Model.Features), Of(_classes, lossSteps, 1), Of(_values, lossSteps, Model.Outputs),
            [new ShardRows(Shards.Single(shard => row >= shard.Rows.First && row < shard.Rows.First + shard.Rows.Count).Shard, new(0, 1))]);

        T[] Of<T>(T[] whole, int count, int width) =>
            whole.Length == 0 ? [] : [.. Enumerable.Range(0, count).SelectMany(step => whole.Skip(((step * Shape.Rows) + row) * width).Take(width))];
    }

    /// <summary>The batch with other numbers wherever a row has ended.</summary>
    public RowBatch WithPadding(int token, float feature, int target, float value)
    {
        var (tokens, features, classes, values) = ((int[])[.. _tokens], (float[])[.. _features], (int[])[.. _classes], (float[])[.. _values]);
        for (var row = 0; row < Lengths.Length; row++)
        {
            for (var step = Lengths[row]; step < Shape.Steps; step++)
            {
                Set(tokens, step, row, 1, token);
                Set(features, step, row, Model.Features, feature);
                if (Choice.Pooling is not null && step > 0) continue;
                Set(classes, step, row, 1, target);
                Set(values, step, row, Model.Outputs, value);
            }
        }

        return new RowBatch(Shape, tokens, features, classes, values, Shards) { Lengths = Lengths };

        void Set<T>(T[] array, int step, int row, int width, T content)
        {
            if (array.Length > 0) array.AsSpan(((step * Shape.Rows) + row) * width, width).Fill(content);
        }
    }

    static SequenceModel Create(ModelChoice choice)
    {
        var embedding = choice.Vocabulary == 0 ? null : new Embedding(choice.Vocabulary, choice.Features);
        var body = new List<Layer>();
        var features = choice.Features;
        foreach (var (kind, wanted) in choice.Kinds.Zip(choice.Units))
        {
            // A tied head takes as many features as a token has.
            var units = choice.IsTied && body.Count >= choice.Units.Length - 1 ? choice.Features : wanted;
            body.Add(kind switch
            {
                0 => new Lstm(features, units),
                1 => new Gru(features, units),
                2 => new Gru(features, units, reverse: true),
                3 => new Rnn(features, units),
                4 => new Rnn(features, units, reverse: true),
                5 => Bidirectional.OfLstm(features, units, Merge.Sum),
                6 => Bidirectional.OfGru(features, units, Merge.Average),
                7 => new Bidirectional(new Rnn(features, units), new Lstm(features, 2, options: new() { Reverse = true })),
                8 => new Residual(Bidirectional.OfRnn(features, features, Merge.Sum)),
                _ => new Residual(new Residual(new Lstm(features, features, options: new() { ZoneoutCell = 0.2f, MaskStream = 100 + (LstmOptions.MaskStreams * (uint)body.Count) }))),
            });
            features = body[^1].OutputSize;
            if (choice.Dropout > 0) body.Add(new Dropout(features, choice.Dropout, (uint)body.Count));
        }

        if (choice.IsTied && embedding is not null)
        {
            if (features != choice.Features) body.Add(new Linear(features, choice.Features));
            return new SequenceModel(embedding, body, new TiedLinear(embedding), choice.Pooling, Loss(choice.Loss));
        }

        var head = new Linear(features, choice.Outputs);
        return embedding is null
            ? new SequenceModel(body, head, choice.Pooling, Loss(choice.Loss))
            : new SequenceModel(embedding, body, head, choice.Pooling, Loss(choice.Loss));
    }

    static Loss Loss(LossKind kind) => kind switch
    {
        LossKind.CrossEntropy => new CrossEntropy(),
        LossKind.Smoothed => new CrossEntropy(Smoothing),
        LossKind.Binary => new BinaryCrossEntropy(),
        LossKind.Squared => new SquaredError(),
        _ => new Huber(Delta),
    };

    static float[] Singles(double[] values) => Array.ConvertAll(values, x => (float)x);
}

public enum LossKind
{
    CrossEntropy,
    Smoothed,
    Binary,
    Squared,
    Huber,
}

/// <summary>What kind of model and batch; a vocabulary of 0 for features.</summary>
sealed record ModelChoice(
    int Steps, int[] ShardRows, int Vocabulary, int Features, int[] Units, int[] Kinds, int Outputs, float Dropout, Pooling? Pooling, LossKind Loss, bool IsTied,
    bool IsRagged, int Seed)
{
    public override string ToString() =>
        $"T={Steps}, rows {string.Join('+', ShardRows)}, V={Vocabulary}, D={Features}, units {string.Join('/', Units)}, kinds {string.Join('/', Kinds)}, outputs {Outputs}, "
        + $"dropout {Dropout}, pooling {Pooling}, {Loss}, tied {IsTied}, ragged {IsRagged}, seed {Seed}";
}

/// <summary>A batch that can be kept.</summary>
sealed record RowBatch(BatchShape Shape, int[] Tokens, float[] Features, int[] Classes, float[] Values, ShardRows[] Shards)
{
    public int[] Lengths { get; init; } = [];

    public Batch Batch => new()
    {
        Shape = Shape,
        Tokens = Tokens,
        Features = Features,
        Classes = Classes,
        Values = Values,
        Lengths = Lengths,
        Shards = Shards,
    };
}
