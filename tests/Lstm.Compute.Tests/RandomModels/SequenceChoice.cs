namespace LstmCluster.Compute.Tests;

/// <summary>
/// A sequence model of any kind and a batch for it. Without a vocabulary it takes features; a tied head has as many outputs as the vocabulary; the share of states is
/// that of the rows which carry one.
/// </summary>
sealed record SequenceChoice(
    int Steps, int[] ShardRows, int Vocabulary, int Features, LayerChoice[] Body, Pooling? Pooling, Loss Loss, int Outputs, bool IsTied, bool IsRagged,
    double StateShare, int Seed) : IModelChoice
{
    // Far from the streams that layers draw from.
    const uint WordDropoutStream = 1 << 20;

    /// <summary>What reads the characters of each token; null for nothing.</summary>
    public SpellingChoice? Spelling { get; init; }

    /// <summary>Share of tokens that are unknown in training.</summary>
    public float WordDropout { get; init; }

    public IEnumerable<SequenceChoice> Simpler() =>
        Body.Simpler().Select(body => this with { Body = body })
            .Concat(ShardRows.Length > 1 ? [this with { ShardRows = ShardRows[1..] }] : [])
            .Concat(ShardRows.Sum() > ShardRows.Length ? [this with { ShardRows = [.. ShardRows.Select(_ => 1)] }] : [])
            .Concat(Steps > 1 ? [this with { Steps = Steps / 2 }, this with { Steps = Steps - 1 }] : [])
            .Concat(IsRagged ? [this with { IsRagged = false }] : [])
            .Concat(IsTied ? [this with { IsTied = false }] : [])
            .Concat(StateShare > 0 ? [this with { StateShare = 0 }] : [])
            .Concat(Pooling is not null ? [this with { Pooling = null }] : [])
            .Concat(WordDropout > 0 ? [this with { WordDropout = 0 }] : [])
            .Concat(Spelling is null ? [] : Spelling.Simpler().Select(spelling => this with { Spelling = spelling }).Append(this with { Spelling = null }));

    public ModelSample Sample() => Sample(Create(recomputes: true));

    public double DistanceFromEdges()
    {
        var model = Create(recomputes: false);
        var sample = Sample(model);
        return new[]
        {
            Edges.OfCells(sample, model.Tokens.Characters is { } words ? [.. model.Body, words.Layer] : model.Body, out var outputs),
            Loss is Huber huber ? Edges.OfHuber(huber.Delta, outputs, sample.Whole.Values) : double.PositiveInfinity,
            Pooling == Compute.Pooling.Max ? Edges.OfMaxima(PooledVectors(model, sample), sample.Whole) : double.PositiveInfinity,
        }.Min();
    }

    public override string ToString() =>
        $"T={Steps}, rows {string.Join('+', ShardRows)}, V={Vocabulary}, D={Features}, pooling {Pooling}, {Loss}, outputs {Outputs}, tied {IsTied}, ragged {IsRagged}, "
        + $"states {StateShare}, word dropout {WordDropout}, spelling {Spelling}, seed {Seed}, body:{string.Concat(Body.Select(layer => $"\n  {layer}"))}";

    SequenceModel Create(bool recomputes)
    {
        var embedding = Vocabulary == 0 ? null : new Embedding(Vocabulary, Features);
        var making = new Making(recomputes);
        var words = embedding is null ? null : new TokenOptions
        {
            Characters = Spelling?.Create(making),
            Dropout = WordDropout > 0 ? new TokenDropout(WordDropout, Unknown: 1, WordDropoutStream) : null,
        };
        var features = Features + (words?.Characters?.OutputSize ?? 0);
        var body = Body.Create(features, making);
        var size = body.Count == 0 ? features : body[^1].OutputSize;
        if (!IsTied || embedding is null)
            return Create(embedding, body, new Linear(size, Outputs), Pooling, words);

        // A tied head takes as many features as a token has.
        if (size != Features)
            body.Add(new Linear(size, Features));
        return Create(embedding, body, new TiedLinear(embedding), Pooling, words);
    }

    SequenceModel Create(Embedding? embedding, IReadOnlyList<Layer> body, IHead head, Pooling? pooling, TokenOptions? words) => embedding is null
        ? new SequenceModel(body, head, pooling, Loss)
        : new SequenceModel(embedding, body, head, pooling, Loss, words);

    ModelSample Sample(SequenceModel model)
    {
        var (draw, shape) = (new Draw(Seed), new BatchShape(Steps, ShardRows.Sum()));
        var lossSteps = Pooling is null ? Steps : 1;
        var positions = lossSteps * shape.Rows;
        var whole = new SampleBatch(shape, lossSteps)
        {
            Shards = SampleBatch.ShardsOf(ShardRows),
            Rows = [.. Enumerable.Range(0, shape.Rows)],
            Lengths = IsRagged ? draw.Integers(shape.Rows, 0, Steps + 1) : [],
            Tokens = Vocabulary > 0 ? draw.Integers(shape.Positions, 0, Vocabulary) : [],
            Features = Vocabulary > 0 ? [] : Singles(draw.Uniform(shape.Positions * model.Features, 2)),
            Classes = Loss.TakesClasses ? draw.Integers(positions, -1, model.Outputs) : [],
            Values = Loss.TakesClasses ? [] : Singles(draw.Positive(positions * model.Outputs)),
            Characters = model.Tokens.Characters is null ? [] : Spelling!.Characters(draw, shape.Positions),
            States = [.. draw.Positive(shape.Rows).Select(share => share < StateShare ? Singles(draw.Uniform(model.StateSize)) : null)],
        };

        // Positions without values are ignored.
        for (var position = 0; position < positions && !Loss.TakesClasses; position++)
        {
            if (draw.Integers(1, 0, 6)[0] == 0)
                whole.Values.AsSpan(position * model.Outputs, model.Outputs).Fill(float.NaN);
        }

        return new ModelSample(model, model.Outputs, whole, ModelSample.Weights(model, Seed, draw), Philox.KeyOf((ulong)Seed, 1));
    }

    /// <summary>What enters the pooling, [T,N,features]: the outputs of the same layers behind which the head changes nothing.</summary>
    double[] PooledVectors(SequenceModel model, ModelSample sample)
    {
        var size = model.Head.InputSize;
        var through = Create(model.Embedding, model.Body, new Linear(size, size), pooling: null, model.Tokens);
        double[] identity = [.. from row in Enumerable.Range(0, size + 1) from column in Enumerable.Range(0, size) select row == column ? 1.0 : 0];
        var before = through.Parameters["head.weight"].Offset;
        return Edges.OutputsOf(sample with
        {
            Model = through,
            Outputs = size,
            Parameters = [.. sample.Parameters[..before], .. identity],
            Whole = sample.Whole with { Classes = [], Values = [], LossSteps = Steps },
        });
    }

    static float[] Singles(double[] values) => Array.ConvertAll(values, x => (float)x);
}
