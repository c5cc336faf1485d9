namespace LstmCluster.Compute.Tests;

/// <summary>What kind of encoder-decoder and batch.</summary>
/// <param name="Encoder">Kind of each encoder layer; a 2 behind it for both directions, an r for the reverse one.</param>
/// <param name="Decoder">Kind of each decoder layer.</param>
/// <param name="EncoderUnits">Of every encoder layer and direction.</param>
/// <param name="DecoderUnits">Of every decoder layer.</param>
/// <param name="Attention">Null for none.</param>
sealed record EncoderDecoderChoice(string[] Encoder, string[] Decoder, int EncoderUnits, int DecoderUnits, AttentionKind? Attention)
{
    public int SourceSteps { get; init; } = 4;

    public int TargetSteps { get; init; } = 4;

    public int[] ShardRows { get; init; } = [2, 1, 2];

    /// <summary>Zero for features.</summary>
    public int SourceVocabulary { get; init; } = 5;

    public bool Feeds { get; init; }

    public bool IsTied { get; init; }

    public bool IsRagged { get; init; }

    public float Dropout { get; init; }

    public float Smoothing { get; init; }

    public float? Sampling { get; init; }

    public int AttentionUnits { get; init; }

    public int Seed { get; init; }

    public override string ToString() =>
        $"encoder {string.Join('/', Encoder)} of {EncoderUnits}, decoder {string.Join('/', Decoder)} of {DecoderUnits}, attention {Attention} ({AttentionUnits}), S={SourceSteps}, "
        + $"U={TargetSteps}, rows {string.Join('+', ShardRows)}, V={SourceVocabulary}, feeds {Feeds}, tied {IsTied}, ragged {IsRagged}, dropout {Dropout}, "
        + $"smoothing {Smoothing}, sampling {Sampling}, seed {Seed}";
}

/// <summary>A small encoder-decoder, a batch for it, and its weights, all drawn from a seed.</summary>
sealed class EncoderDecoderCase
{
    public const int Start = 1, End = 2, TargetVocabulary = 6, SourceFeatures = 3, TargetFeatures = 4;

    public EncoderDecoderCase(EncoderDecoderChoice choice)
    {
        Choice = choice;
        Model = Create(choice);
        var draw = new Draw(choice.Seed);
        Source = new BatchShape(choice.SourceSteps, choice.ShardRows.Sum());
        Target = new BatchShape(choice.TargetSteps, Source.Rows);
        Shards = [.. choice.ShardRows.Select((rows, shard) => new ShardRows(shard, new(choice.ShardRows.Take(shard).Sum(), rows)))];
        Lengths = choice.IsRagged ? draw.Integers(Source.Rows, 0, choice.SourceSteps + 1) : [];
        TargetLengths = choice.IsRagged ? draw.Integers(Source.Rows, 0, choice.TargetSteps + 1) : [.. Enumerable.Repeat(choice.TargetSteps, Source.Rows)];
        Parameters = draw.Uniform(Model.Parameters.Length);
        Tokens = choice.SourceVocabulary > 0 ? draw.Integers(Source.Positions, 0, choice.SourceVocabulary) : [];
        Features = choice.SourceVocabulary > 0 ? [] : Array.ConvertAll(draw.Uniform(Source.Positions * SourceFeatures, 2), x => (float)x);
        Classes = draw.Integers(Target.Positions, choice.IsRagged ? -1 : 0, TargetVocabulary);
        for (var position = 0; position < Classes.Length; position++)
            if (position / Target.Rows >= TargetLengths[position % Target.Rows])
                Classes[position] = -1;
    }

    public EncoderDecoderChoice Choice { get; }

    public EncoderDecoder Model { get; }

    public BatchShape Source { get; }

    public BatchShape Target { get; }

    public ShardRows[] Shards { get; }

    public int[] Lengths { get; }

    public int[] TargetLengths { get; }

    public double[] Parameters { get; }

    public int[] Tokens { get; }

    public float[] Features { get; }

    public int[] Classes { get; }

    public ulong MaskKey => Philox.KeyOf((ulong)Choice.Seed, 1);

    public Batch Batch => new()
    {
        Shape = Source,
        Tokens = Tokens,
        Features = Features,
        Lengths = Lengths,
        TargetSteps = Target.Steps,
        Classes = Classes,
        Shards = Shards,
    };

    /// <summary>One pair by itself, no longer than its source and its target; it keeps its shard.</summary>
    public PairBatch Pair(int row, bool cut = true)
    {
        var length = Lengths.Length == 0 ? Source.Steps : Lengths[row];
        var (steps, targetSteps) = cut ? (Math.Max(1, length), Math.Max(1, TargetLengths[row])) : (Source.Steps, Target.Steps);
        var shard = Shards.Single(one => row >= one.Rows.First && row < one.Rows.First + one.Rows.Count);
        return new PairBatch(
            new BatchShape(steps, 1), Of(Tokens, Source.Rows, steps, 1), Of(Features, Source.Rows, steps, SourceFeatures), [length], targetSteps,
            Of(Classes, Target.Rows, targetSteps, 1), [new ShardRows(shard.Shard, new(0, 1))]);

        T[] Of<T>(T[] whole, int rows, int count, int width) =>
            whole.Length == 0 ? [] : [.. Enumerable.Range(0, count).SelectMany(step => whole.Skip(((step * rows) + row) * width).Take(width))];
    }

    /// <summary>A recurrent layer by name, in one or both directions.</summary>
    public static Layer Layer(string kind, int inputs, int units, int sides, uint masks = 0) => sides == 1
        ? Recurrent(kind, inputs, units, reverse: false, masks)
        : new Bidirectional(Recurrent(kind, inputs, units, reverse: false, masks), Recurrent(kind, inputs, units, reverse: true, masks));

    static RecurrentLayer Recurrent(string kind, int inputs, int units, bool reverse, uint masks) => kind switch
    {
        "lstm" => new Lstm(inputs, units, options: new LstmOptions { Reverse = reverse }),
        "projected" => new Lstm(inputs, units + 1, options: new LstmOptions { Reverse = reverse, Projection = units }),
        "zoned" => new Lstm(inputs, units, options: new LstmOptions { Reverse = reverse, ZoneoutHidden = 0.3f, ZoneoutCell = 0.2f, RecurrentDropout = 0.25f, MaskStream = masks + (reverse ? 60u : 50u) }),
        "gru" => new Gru(inputs, units, reverse),
        "learned" => new Gru(inputs, units, reverse) { LearnedInitialState = true },
        "recomputed" => new Lstm(inputs, units, options: new LstmOptions { Reverse = reverse }) { RecomputeSteps = 64 },
        "rnn" => new Rnn(inputs, units, reverse),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "is no recurrent layer"),
    };

    // Each layer draws masks of its own.
    static uint MasksOf(List<Layer> layers) => 100 * (uint)layers.Count;

    static EncoderDecoder Create(EncoderDecoderChoice choice)
    {
        var source = choice.SourceVocabulary > 0 ? new Embedding(choice.SourceVocabulary, SourceFeatures) : null;
        var target = new Embedding(TargetVocabulary, TargetFeatures);
        var (encoder, features) = (new List<Layer>(), SourceFeatures);
        foreach (var name in choice.Encoder)
        {
            encoder.Add(name[^1] == 'r'
                ? Recurrent(name[..^1], features, choice.EncoderUnits, reverse: true, MasksOf(encoder))
                : Layer(name.TrimEnd('2'), features, choice.EncoderUnits, name[^1] == '2' ? 2 : 1, MasksOf(encoder)));
            features = encoder[^1].OutputSize;
            if (choice.Dropout > 0) encoder.Add(new Dropout(features, choice.Dropout, (uint)encoder.Count));
        }

        // A tied head takes as many features as a token's vector has.
        var output = choice.IsTied ? TargetFeatures : choice.DecoderUnits;
        var attention = choice.Attention is { } kind ? new Attention(kind, features, choice.DecoderUnits, choice.AttentionUnits, output) : null;
        var (decoder, inputs) = (new List<Layer>(), TargetFeatures + (choice.Feeds ? output : 0));
        foreach (var name in choice.Decoder)
        {
            decoder.Add(Recurrent(name, inputs, choice.DecoderUnits, reverse: false, 1000 + MasksOf(decoder)));
            inputs = choice.DecoderUnits;
            if (choice.Dropout > 0) decoder.Add(new Dropout(inputs, choice.Dropout, 20 + (uint)decoder.Count));
        }

        IHead head = choice.IsTied ? new TiedLinear(target) : new Linear(output, TargetVocabulary);
        return new EncoderDecoder(source, encoder, target, decoder, head, new EncoderDecoderOptions
        {
            StartToken = Start,
            EndToken = End,
            Attention = attention,
            InputFeeding = choice.Feeds,
            Sampling = choice.Sampling is { } rate ? new ScheduledSampling(rate, Stream: 40) : null,
            Loss = new CrossEntropy(choice.Smoothing),
        });
    }
}

/// <summary>A batch that can be kept.</summary>
sealed record PairBatch(BatchShape Shape, int[] Tokens, float[] Features, int[] Lengths, int TargetSteps, int[] Classes, ShardRows[] Shards)
{
    public Batch Batch => new()
    {
        Shape = Shape,
        Tokens = Tokens,
        Features = Features,
        Lengths = Lengths,
        TargetSteps = TargetSteps,
        Classes = Classes,
        Shards = Shards,
    };
}
