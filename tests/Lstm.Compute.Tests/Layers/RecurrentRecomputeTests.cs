using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>A recurrent layer that keeps the activations of some steps only, and computes the others again, has the bits of one that keeps all.</summary>
public sealed class RecurrentRecomputeTests : IDisposable
{
    const int Inputs = 3, Units = 6;

    readonly CpuDevice _device = CpuDevice.Create();

    [Theory]
    [MemberData(nameof(RecurrentLayers.Names), MemberType = typeof(RecurrentLayers))]
    public void Every_kind_of_layer_keeps_its_bits(string name)
    {
        foreach (var (ragged, accumulate, learned) in new[] { (false, false, true), (true, false, false), (true, true, true) })
            Check(name, new(150, 4), 64, ragged, accumulate, learned);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(193)]
    [InlineData(200)]
    public void The_bits_stay_at_every_length(int steps)
    {
        foreach (var name in new[] { "plain", "everything reverse", "gru", "gru reverse", "rnn" })
        {
            Check(name, new(steps, 3), 64, ragged: false);
            Check(name, new(steps, 2), 128, ragged: true);
            Check(name, new(steps, 1), 64, ragged: false);
        }
    }

    [Theory]
    [InlineData("everything, four gates")]
    [InlineData("gru reverse")]
    [InlineData("rnn")]
    public void The_reference_device_keeps_its_bits_too(string name)
    {
        using var device = new ReferenceDevice<float>();
        Batch(name, new(70, 3), 64, ragged: true).On(device).ShouldHaveTheBitsOf(Batch(name, new(70, 3), 0, ragged: true).On(device), name);
    }

    [Fact]
    public void Gradients_summed_over_the_tree_of_shards_keep_their_bits()
    {
        const int vocabulary = 5;
        var (shape, shards) = (new BatchShape(130, 6), new ShardRows[] { new(0, new(0, 1)), new(1, new(1, 2)), new(2, new(3, 1)), new(3, new(4, 2)) });
        var tokens = new Draw(61).Integers(shape.Positions, 0, vocabulary);
        Gradient(64).ShouldBe(Gradient(0));

        float[] Gradient(int recompute)
        {
            var model = new SequenceModel(
                new Embedding(vocabulary, Inputs),
                [
                    RecurrentLayers.Create("everything", Inputs, Units, recompute, learned: true), new Dropout(5, 0.3f, 20),
                    RecurrentLayers.Create("gru reverse", 5, Units, recompute),
                ],
                new Linear(Units, vocabulary));
            var parameters = new float[model.Parameters.Length];
            model.Parameters.Initialize(3, parameters);
            using var vector = _device.Import(parameters);
            using var weights = new ModelWeights(model, _device, training: true);
            weights.Load(vector.All);
            using var gradients = _device.Allocate(parameters.Length);
            using var run = model.CreateRun(_device);
            run.Load(new Batch { Shape = shape, Tokens = tokens, Classes = tokens, Shards = shards });
            run.Forward(weights, training: true, maskKey: 5);
            run.Losses(new float[shape.Positions]);
            run.Backward(weights, [new(new(0, 4), gradients.All)]);
            var gradient = new float[parameters.Length];
            _device.Read(gradients.All, gradient);
            gradient.ShouldNotContain(float.NaN);
            return gradient;
        }
    }

    [Fact]
    public void A_step_allocates_no_managed_memory()
    {
        foreach (var name in new[] { "everything", "gru reverse", "rnn" })
        {
            foreach (var recompute in new[] { 0, 64 })
            {
                var batch = Batch(name, new(130, 4), recompute, ragged: true, learned: true);
                using var operands = new Operands(_device, Placement.BetweenNotNumbers);
                using var weights = batch.Layer.CreateWeights(_device, training: true);
                weights.Load(operands.Numbers("parameters", batch.Parameters));
                using var run = batch.Layer.CreateRecurrentRun(_device);
                run.Reserve(batch.Shape, training: true);
                var pass = new Pass(batch.Shape, Training: true, MaskKey: 1, operands.Indices(batch.RowKeys), operands.Indices(batch.Lengths!), batch.Shards);
                var (x, dy, gradient) = (operands.Numbers("x", batch.X), operands.Numbers("dy", batch.Dy), operands.Numbers("gradient", batch.Parameters));
                var state = new float[batch.Layer.StateSize];
                Step();
                var before = GC.GetAllocatedBytesForCurrentThread();
                Step();
                (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0, $"{name}, {recompute}");

                void Step()
                {
                    run.ResetState(batch.Shape);
                    run.WriteState(1, batch.Shape, state);
                    run.Forward(weights, pass, x);
                    run.Backward(weights, pass, dy);
                    run.ShardGradient(batch.Shards[0].Rows, gradient, accumulate: false);
                    run.ShardGradient(batch.Shards[1].Rows, gradient, accumulate: true);
                    run.ReadState(1, batch.Shape, state);
                }
            }
        }
    }

    [Fact]
    public void Steps_that_are_not_whole_segments_are_refused()
    {
        foreach (var steps in new[] { -64, 1, 65 })
            Should.Throw<ArgumentOutOfRangeException>(() => new Gru(1, 1) { RecomputeSteps = steps });
    }

    [Fact]
    public void What_is_no_longer_kept_is_refused()
    {
        var batch = Batch("rnn", new(65, 4), 64, ragged: false);
        using var operands = new Operands(_device, Placement.BetweenNotNumbers);
        using var weights = batch.Layer.CreateWeights(_device, training: true);
        weights.Load(operands.Numbers("parameters", batch.Parameters));
        using var run = batch.Layer.CreateRecurrentRun(_device);
        run.Reserve(batch.Shape, training: true);
        run.ResetState(batch.Shape);
        var pass = new Pass(batch.Shape, Training: true, MaskKey: 1, operands.Indices(batch.RowKeys), Shards: batch.Shards);
        var x = operands.Numbers("x", batch.X);
        Should.Throw<InvalidOperationException>(() => run.Begin(pass, x));
        run.Forward(weights, pass, x);
        run.Backward(weights, pass, operands.Numbers("dy", batch.Dy));
        Should.Throw<ArgumentException>(() => run.ShardGradient(new(0, 3), operands.Numbers("gradient", batch.Parameters), accumulate: false));
    }

    public void Dispose() => _device.Dispose();

    void Check(string name, BatchShape shape, int recompute, bool ragged, bool accumulate = false, bool learned = false) =>
        Batch(name, shape, recompute, ragged, learned).On(_device, accumulate: accumulate).ShouldHaveTheBitsOf(
            Batch(name, shape, 0, ragged, learned).On(_device, accumulate: accumulate), $"{name}, {shape}, ragged={ragged}");

    static RecurrentBatch Batch(string name, BatchShape shape, int recompute, bool ragged, bool learned = false) =>
        new(RecurrentLayers.Create(name, Inputs, Units, recompute, learned), shape, ragged, seed: 9) { FreshRows = learned ? [0, 2] : [] };
}
