using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>A run is used for batches of every extent, and some that it refuses: none of them shows in the next one.</summary>
public sealed class RunReuseTests : IDisposable
{
    const int Classes = 5, EncoderClasses = 7;

    readonly CpuDevice _device = CpuDevice.Create();

    /// <summary>Whatever ran before, the outputs, losses, final states and gradients of a batch are those of a run of its own.</summary>
    [Theory]
    [InlineData("plain")]
    [InlineData("options")]
    [InlineData("recompute")]
    [InlineData("both directions")]
    [InlineData("pooled")]
    [InlineData("encoder-decoder")]
    public void No_batch_leaves_anything_to_the_next(string kind)
    {
        var model = ModelOf(kind);
        using var vector = Weights(model);
        using var weights = new ModelWeights(model, _device, training: true);
        weights.Load(vector.All);
        using var used = model.CreateRun(_device);
        (int Steps, int Rows, bool Training, bool Ragged, bool Carried)[] batches =
        [
            (5, 3, true, false, false), (70, 1, false, false, false), (130, 2, true, true, false), (2, 9, false, true, true), (130, 1, true, false, true),
            (5, 3, true, false, false), (64, 2, true, true, true), (1, 4, true, false, false), (129, 2, true, false, false), (7, 2, true, true, false),
        ];
        foreach (var (index, batch) in batches.Index())
        {
            using var fresh = model.CreateRun(_device);
            var (expected, found) = (Outcome(fresh), Outcome(used));
            for (var part = 0; part < expected.Length; part++)
                Array.ConvertAll(found[part], BitConverter.SingleToInt32Bits)
                    .ShouldBe(Array.ConvertAll(expected[part], BitConverter.SingleToInt32Bits), $"part {part} of batch {index}");

            float[][] Outcome(ModelRun run)
            {
                var (steps, rows, training, ragged, carried) = batch;
                var draw = new Draw(100 + index);
                var shape = new BatchShape(steps, rows);
                var targetSteps = model is EncoderDecoder ? 1 + (steps % 6) : 0;
                var lossRows = kind == "pooled" ? 1 : model is EncoderDecoder ? targetSteps : steps;
                int[] lengths = ragged ? draw.Integers(rows, 0, steps + 1) : [];
                var tokens = draw.Integers(shape.Positions, 0, Classes);
                var classes = draw.Integers(lossRows * rows, -1, Classes);
                run.Load(new Batch { Shape = shape, Tokens = tokens, Classes = classes, Lengths = lengths, TargetSteps = targetSteps });
                var state = Array.ConvertAll(draw.Uniform(model.StateSize), value => (float)value);
                if (carried) run.WriteState(rows - 1, state);
                run.Forward(weights, training, maskKey: 9);
                var outputs = new float[run.LossShape.Positions * model.Outputs];
                run.ReadOutputs(outputs);
                var losses = new float[run.LossShape.Positions];
                run.Losses(losses);
                run.ReadState(0, state);
                if (!training) return [outputs, losses, state];
                using var gradient = _device.Allocate(model.Parameters.Length);
                _device.Fill(gradient.All, float.NaN);
                run.Backward(weights, [new GradientTarget(new ShardRange(0, 1), gradient.All)]);
                var read = new float[gradient.Length];
                _device.Read(gradient.All, read);
                return [outputs, losses, state, read];
            }
        }
    }

    [Theory]
    [InlineData("options")]
    [InlineData("recompute")]
    [InlineData("both directions")]
    [InlineData("pooled")]
    [InlineData("encoder-decoder")]
    public void All_memory_is_given_back(string kind)
    {
        var model = ModelOf(kind);
        var held = _device.HeldBytes;
        using (var vector = Weights(model))
        using (var weights = new ModelWeights(model, _device, training: true))
        using (var run = model.CreateRun(_device))
        {
            weights.Load(vector.All);
            var classes = new int[130 * 2];
            run.Load(new Batch { Shape = new(130, 2), Tokens = new int[260], Classes = kind == "pooled" ? [0, 1] : classes, TargetSteps = model is EncoderDecoder ? 130 : 0 });
            run.Forward(weights, training: true);
            run.Losses(new float[run.LossShape.Positions]);
            run.Backward(weights, [new GradientTarget(new ShardRange(0, 1), vector.All)]);
            _device.HeldBytes.ShouldBeGreaterThan(held);
        }

        _device.HeldBytes.ShouldBe(held);
    }

    /// <summary>One long row and then many short ones is what an evaluation and a training step are.</summary>
    [Theory]
    [InlineData("plain")]
    [InlineData("encoder-decoder")]
    public void A_long_batch_and_then_a_wide_one_need_the_memory_of_either_and_not_of_a_long_wide_one(string kind)
    {
        var model = ModelOf(kind);
        using var run = model.CreateRun(_device);
        Load(200, 1);
        var longest = _device.HeldBytes;
        Load(1, 200);
        _device.HeldBytes.ShouldBeLessThan(3 * longest);

        void Load(int steps, int rows) => run.Load(new Batch { Shape = new(steps, rows), Tokens = new int[steps * rows], TargetSteps = model is EncoderDecoder ? steps : 0 });
    }

    [Fact]
    public void A_batch_that_is_too_large_is_refused_and_the_next_one_runs()
    {
        const int ManyClasses = 40_000, TooMany = 60_000;
        var model = new SequenceModel(new Embedding(2, 1), [], new Linear(1, ManyClasses));
        using var vector = Weights(model);
        using var weights = new ModelWeights(model, _device, training: false);
        weights.Load(vector.All);
        using var run = model.CreateRun(_device);
        Should.Throw<ArgumentException>(() => run.Load(new Batch { Shape = new(TooMany, 1), Tokens = new int[TooMany] })).Message.ShouldContain("fewer steps or rows");
        run.Load(new Batch { Shape = new(1, 1), Tokens = [1] });
        run.Forward(weights, training: false);
        run.ReadOutputs(new float[ManyClasses]);
    }

    [Fact]
    public void An_extent_beyond_32_bits_is_no_empty_batch()
    {
        using var run = ModelOf("plain").CreateRun(_device);
        Should.Throw<ArgumentException>(() => run.Load(new Batch { Shape = new(1 << 16, 1 << 16), Tokens = [] }));
    }

    [Fact]
    public void A_refused_batch_leaves_no_mixture_with_the_one_before()
    {
        var model = ModelOf("plain");
        using var vector = Weights(model);
        using var weights = new ModelWeights(model, _device, training: true);
        weights.Load(vector.All);
        using var run = model.CreateRun(_device);
        run.Load(new Batch { Shape = new(2, 2), Tokens = [1, 2, 3, 4], Classes = [1, 2, 3, 4] });
        run.Forward(weights, training: true);
        Should.Throw<ArgumentException>(() => run.Load(new Batch { Shape = new(2, 1), Tokens = [1, Classes] }));
        Should.Throw<InvalidOperationException>(() => run.Forward(weights, training: true));
        Should.Throw<InvalidOperationException>(() => run.Losses(new float[4]));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("encoder-decoder")]
    public void Room_made_after_a_batch_was_loaded_gives_the_batch_up_instead_of_its_content(string kind)
    {
        var model = ModelOf(kind);
        using var vector = Weights(model);
        using var weights = new ModelWeights(model, _device, training: true);
        weights.Load(vector.All);
        using var run = model.CreateRun(_device);
        run.Load(new Batch { Shape = new(1, 1), Tokens = [1], TargetSteps = model is EncoderDecoder ? 1 : 0 });
        run.Reserve(new(9, 9), training: true, targetSteps: 9);
        Should.Throw<InvalidOperationException>(() => run.Forward(weights, training: false));
    }

    public void Dispose() => _device.Dispose();

    static Model ModelOf(string kind)
    {
        var embedding = new Embedding(Classes, 4);
        return kind switch
        {
            "plain" => new SequenceModel(embedding, [new Lstm(4, 4), new Dropout(4, 0.3f, 0)], new TiedLinear(embedding)),
            "options" => new SequenceModel(
                embedding,
                [
                    new Lstm(4, 5, options: new LstmOptions
                    {
                        Peephole = true, LayerNorm = true, Projection = 4, RecurrentDropout = 0.2f, ZoneoutHidden = 0.3f, ZoneoutCell = 0.1f, CellClip = 0.5f, MaskStream = 5,
                    }) { LearnedInitialState = true },
                    new Residual(new Gru(4, 4) { LearnedInitialState = true }), new LayerNormalization(4), new Rnn(4, 3),
                ],
                new Linear(3, Classes)),
            "recompute" => new SequenceModel(
                embedding,
                [
                    new Lstm(4, 3, options: new LstmOptions { Peephole = true }) { RecomputeSteps = 64, LearnedInitialState = true },
                    new Gru(3, 4, reverse: true) { RecomputeSteps = 64 }, new Rnn(4, 3) { RecomputeSteps = 128 },
                ],
                new Linear(3, Classes)),
            "both directions" => new SequenceModel(
                embedding, [Bidirectional.OfLstm(4, 3), new Residual(Bidirectional.OfGru(6, 6, Merge.Sum)), Bidirectional.OfRnn(6, 2, Merge.Average)], new Linear(2, Classes)),
            "pooled" => new SequenceModel(embedding, [Bidirectional.OfLstm(4, 3)], new Linear(6, Classes), Pooling.Max, new CrossEntropy(0.1f)),
            _ => Translation(embedding),
        };
    }

    static EncoderDecoder Translation(Embedding source)
    {
        var target = new Embedding(EncoderClasses, 4);
        return new EncoderDecoder(
            source, [Bidirectional.OfLstm(4, 3), new Gru(6, 4) { RecomputeSteps = 64, LearnedInitialState = true }], target,
            [new Gru(8, 4), new Dropout(4, 0.2f, 3), new Rnn(4, 4)], new TiedLinear(target),
            new EncoderDecoderOptions
            {
                StartToken = 0,
                EndToken = 1,
                Attention = new Attention(AttentionKind.Additive, 4, 4, units: 3),
                InputFeeding = true,
                Sampling = new ScheduledSampling(0.5f, 8),
            });
    }

    DeviceBuffer Weights(Model model)
    {
        var vector = new float[model.Parameters.Length];
        model.Parameters.Initialize(1, vector);
        var buffer = _device.Allocate(vector.Length);
        _device.Write(buffer.All, vector);
        return buffer;
    }
}
