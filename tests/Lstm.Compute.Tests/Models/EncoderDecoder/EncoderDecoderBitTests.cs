namespace LstmCluster.Compute.Tests;

public class EncoderDecoderBitTests
{
    /// <summary>Every attention and kind of bridge, with masks and feedback among them; a shard a row.</summary>
    static readonly EncoderDecoderChoice[] s_choices =
    [
        new(["lstm"], ["lstm"], 5, 5, null) { Dropout = 0.3f },
        new(["gru", "zoned2"], ["lstm", "gru"], 5, 7, AttentionKind.General) { Dropout = 0.25f, Smoothing = 0.1f },
        new(["lstm2", "zoned"], ["zoned", "lstm"], 6, 6, AttentionKind.Dot) { Dropout = 0.2f, SourceVocabulary = 0 },
        new(["rnn2", "lstmr"], ["projected"], 5, 3, AttentionKind.Additive) { AttentionUnits = 9, Feeds = true, IsTied = true },
        new(["lstm"], ["gru", "rnn"], 4, 5, AttentionKind.General) { Sampling = 0.5f, Dropout = 0.3f },
        new(["gru"], ["gru"], 5, 5, AttentionKind.Dot) { Sampling = 0.5f, Feeds = true },
    ];

    public static TheoryData<string, int> Cases =>
        [.. from device in TestDevices.AllNames from index in Enumerable.Range(0, s_choices.Length) select (device, index)];

    public static TheoryData<int> Choices => [.. Enumerable.Range(0, s_choices.Length)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_decoder_has_the_same_bits_step_by_step_and_all_steps_at_once(string deviceName, int index)
    {
        var chosen = new EncoderDecoderCase(s_choices[index] with { IsRagged = true, Seed = index, TargetSteps = 7 });
        using var device = TestDevices.Open(deviceName);
        var whole = EncoderDecoderOutcome.Of(chosen, device, chosen.Batch);
        var steps = EncoderDecoderOutcome.Of(chosen, device, chosen.Batch, prepare: run => run.StepByStep = true);
        ShouldBeSame(steps, whole);
    }

    /// <summary>Each pair is a shard here, so this says that a shard's gradient depends neither on its neighbours nor on padding.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void A_pair_of_ragged_sequences_computes_in_a_batch_what_it_computes_alone(string deviceName, int index)
    {
        var chosen = new EncoderDecoderCase(s_choices[index] with { IsRagged = true, ShardRows = [1, 1, 1, 1, 1], SourceSteps = 6, TargetSteps = 5, Seed = 20 + index });
        using var device = TestDevices.Open(deviceName);
        var together = EncoderDecoderOutcome.Of(chosen, device, chosen.Batch);
        var shards = EncoderDecoderShards.Gradients(chosen, device, [.. Enumerable.Range(0, chosen.Source.Rows)]);
        for (var row = 0; row < chosen.Source.Rows; row++)
        {
            var pair = chosen.Pair(row);
            var alone = EncoderDecoderOutcome.Of(chosen, device, pair.Batch);
            Column(together.Outputs, row, pair.TargetSteps, chosen.Model.Classes).ShouldHaveTheBitsOf(alone.Outputs, $"outputs of row {row}");
            Column(together.Losses, row, pair.TargetSteps, 1).ShouldHaveTheBitsOf(alone.Losses, $"losses of row {row}");
            shards[row].ShouldHaveTheBitsOf(alone.Gradient, $"gradient of row {row}");
            if (chosen.Model.Options.Attention is null) continue;
            for (var step = 0; step < pair.TargetSteps; step++)
            {
                var looks = together.Attention.AsSpan(((step * chosen.Source.Rows) + row) * chosen.Source.Steps, chosen.Source.Steps);
                looks[..pair.Shape.Steps].ToArray().ShouldHaveTheBitsOf(alone.Attention[(step * pair.Shape.Steps)..((step + 1) * pair.Shape.Steps)], $"attention of row {row}");
                looks[pair.Shape.Steps..].ToArray().ShouldAllBe(weight => weight == 0);
            }
        }

        double[] Column(double[] whole, int row, int steps, int width) =>
            [.. Enumerable.Range(0, steps).SelectMany(step => whole.Skip(((step * chosen.Target.Rows) + row) * width).Take(width))];
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_does_not_depend_on_how_shards_are_spread(string deviceName, int index)
    {
        var chosen = new EncoderDecoderCase(s_choices[index] with { IsRagged = true, ShardRows = [2, 1, 3, 2, 1], Seed = 40 + index });
        using var device = TestDevices.Open(deviceName);
        var one = EncoderDecoderShards.Sum(chosen, device, [[0, 1, 2, 3, 4]]);
        EncoderDecoderShards.Sum(chosen, device, [[0, 1], [2, 3], [4]]).ShouldHaveTheBitsOf(one, "three workers");
        EncoderDecoderShards.Sum(chosen, device, [[0, 3], [1, 2, 4]]).ShouldHaveTheBitsOf(one, "two workers");
        EncoderDecoderOutcome.Of(chosen, device, chosen.Batch).Gradient.ShouldHaveTheBitsOf(one, "the tree within a worker");
    }

    /// <summary>The bridge's gradient reaches the final states also of layers that work their source off in chunks.</summary>
    [Theory]
    [InlineData("", false)]
    [InlineData("r", true)]
    [InlineData("2", true)]
    public void An_encoder_that_recomputes_its_activations_has_the_same_bits(string direction, bool isRagged)
    {
        var choice = new EncoderDecoderChoice([], ["gru"], 5, 4, AttentionKind.General) { SourceSteps = 150, IsRagged = isRagged, ShardRows = [1, 2], Seed = 9 };
        using var device = TestDevices.Open("cpu-16-lanes");
        ShouldBeSame(Outcome("recomputed"), Outcome("lstm"));

        EncoderDecoderOutcome Outcome(string kind)
        {
            var chosen = new EncoderDecoderCase(choice with { Encoder = [kind + direction] });
            return EncoderDecoderOutcome.Of(chosen, device, chosen.Batch);
        }
    }

    [Theory]
    [MemberData(nameof(Choices))]
    public void Every_vector_width_has_the_same_bits(int index)
    {
        var chosen = new EncoderDecoderCase(s_choices[index] with { IsRagged = true, EncoderUnits = 17, DecoderUnits = 17, Seed = 60 + index });
        using var narrow = TestDevices.Open("cpu-4-lanes");
        var expected = EncoderDecoderOutcome.Of(chosen, narrow, chosen.Batch);
        foreach (var name in (string[])["cpu-8-lanes", "cpu-16-lanes"])
        {
            using var device = TestDevices.Open(name);
            ShouldBeSame(EncoderDecoderOutcome.Of(chosen, device, chosen.Batch), expected);
        }
    }

    /// <summary>Without sampling, where a rounding may decide which class is fed back.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_device_computes_what_the_reference_computes(string deviceName, int index)
    {
        // Products of normalisers and long chains: a little more than one operation's error.
        const double tolerance = 1e-4;
        var choice = s_choices[index] with { IsRagged = true, Sampling = null, EncoderUnits = 33, DecoderUnits = 33, SourceSteps = 9, TargetSteps = 8, Seed = 80 + index };
        var chosen = new EncoderDecoderCase(choice);
        double[] parameters = [.. chosen.Parameters.Select(value => (double)(float)(value / 4))];
        using var reference = new ReferenceDevice<double>();
        using var device = TestDevices.Open(deviceName);
        var expected = EncoderDecoderOutcome.Of(chosen, reference, chosen.Batch, parameters: parameters);
        var found = EncoderDecoderOutcome.Of(chosen, device, chosen.Batch, parameters: parameters);
        Agreement.ShouldBeClose(found.Outputs, expected.Outputs, tolerance, "outputs");
        Agreement.ShouldBeClose(found.Losses, expected.Losses, tolerance, "losses");
        Agreement.ShouldBeClose(found.Gradient, expected.Gradient, tolerance, "gradient");
        Agreement.ShouldBeClose(found.Attention, expected.Attention, tolerance, "attention");
    }

    static void ShouldBeSame(EncoderDecoderOutcome found, EncoderDecoderOutcome expected)
    {
        found.Outputs.ShouldHaveTheBitsOf(expected.Outputs, "outputs");
        found.Losses.ShouldHaveTheBitsOf(expected.Losses, "losses");
        found.Gradient.ShouldHaveTheBitsOf(expected.Gradient, "gradient");
        found.Attention.ShouldHaveTheBitsOf(expected.Attention, "attention");
    }
}
