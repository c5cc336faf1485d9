using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>Layers made of layers within a model on the Cpu device.</summary>
public sealed class ComposedModelTests : IDisposable
{
    const int Vocabulary = 11, Width = 6;

    static readonly BatchShape s_shape = new(Steps: 5, Rows: 6);
    static readonly ShardRows[] s_shards = [new(0, new(0, 1)), new(1, new(1, 2)), new(2, new(3, 3))];
    static readonly int[] s_lengths = [5, 2, 0, 4, 5, 1];

    readonly CpuDevice _device = CpuDevice.Create();
    readonly Operands _operands;
    readonly SequenceModel _model = new(
        new Embedding(Vocabulary, Width),
        [
            Bidirectional.OfLstm(Width, 4, options: new() { RecurrentDropout = 0.3f, MaskStream = 50 }), new LayerNormalization(8), new Dropout(8, 0.2f, 3),
            new Residual(Bidirectional.OfGru(8, 8, Merge.Average)), new Residual(new LayerNormalization(8)), new Rnn(8, 5),
        ],
        new Linear(5, Vocabulary));

    readonly ModelWeights _weights;

    public ComposedModelTests()
    {
        _operands = new Operands(_device, Placement.BetweenNotNumbers);
        _weights = new ModelWeights(_model, _device, training: true);
        _weights.Load(_operands.Numbers("weights", new Draw(81).Uniform(_model.Parameters.Length)));
    }

    [Fact]
    public void A_training_step_allocates_nothing()
    {
        using var run = new SequenceRun(_model, _device);
        var (tokens, losses) = (new Draw(82).Integers(s_shape.Positions, 0, Vocabulary), new float[s_shape.Positions]);
        var (state, targets) = (new float[_model.StateSize], new GradientTarget[] { new(new(0, 3), _operands.Unwritten("gradient", _model.Parameters.Length)) });

        void Step()
        {
            run.Load(new Batch { Shape = s_shape, Tokens = tokens, Classes = tokens, Lengths = s_lengths, Shards = s_shards });
            for (var row = 0; row < s_shape.Rows; row++)
                run.WriteState(row, state);
            run.Forward(_weights, training: true, maskKey: 5);
            run.Losses(losses);
            run.Backward(_weights, targets);
            run.ReadState(0, state);
        }

        Step();
        Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Step();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    /// <summary>What a worker computes for a shard does not depend on the shards beside it.</summary>
    [Fact]
    public void A_shards_gradient_and_states_have_the_bits_that_they_have_alone()
    {
        using var run = new SequenceRun(_model, _device);
        var draw = new Draw(83);
        var tokens = draw.Integers(s_shape.Positions, 0, Vocabulary);
        float[][] states = [.. s_lengths.Select(_ => Array.ConvertAll(draw.Uniform(_model.StateSize), value => (float)value))];
        var (together, finals) = Gradients(tokens, s_lengths, states, s_shards, s_shape);
        foreach (var (index, shard) in s_shards.Index())
        {
            var (rows, shape) = (new Range(shard.Rows.First, shard.Rows.First + shard.Rows.Count), new BatchShape(s_shape.Steps, shard.Rows.Count));
            int[] own = [.. tokens.Chunk(s_shape.Rows).SelectMany(step => step[rows])];
            var (alone, ownFinals) = Gradients(own, s_lengths[rows], states[rows], [new ShardRows(shard.Shard, new(0, shard.Rows.Count))], shape);

            together[index].ShouldHaveTheBitsOf(alone.Single(), $"shard {index}");
            finals[rows].ShouldBe(ownFinals);
        }

        (List<double[]> Gradients, float[][] Finals) Gradients(int[] inputs, int[] lengths, float[][] initial, ShardRows[] shards, BatchShape shape)
        {
            GradientTarget[] targets = [.. shards.Select(shard => new GradientTarget(new(shard.Shard, 1), _operands.Unwritten("gradient", _model.Parameters.Length)))];
            run.Load(new Batch { Shape = shape, Tokens = inputs, Classes = inputs, Lengths = lengths, Shards = shards });
            for (var row = 0; row < shape.Rows; row++)
                run.WriteState(row, initial[row]);
            run.Forward(_weights, training: true, maskKey: 5);
            run.Losses(new float[shape.Positions]);
            run.Backward(_weights, targets);
            float[][] ended = [.. Enumerable.Range(0, shape.Rows).Select(_ => new float[_model.StateSize])];
            for (var row = 0; row < shape.Rows; row++)
                run.ReadState(row, ended[row]);
            return ([.. targets.Select(target => _operands.Read(target.Gradient))], ended);
        }
    }

    [Fact]
    public void Tensors_are_named_by_the_place_of_their_layer_among_those_of_its_sort() =>
        _model.Parameters.Parameters.Select(parameter => parameter.Name).ShouldBe(
        [
            "embedding.weight",
            "layers.0.weight_ih_l0", "layers.0.weight_hh_l0", "layers.0.bias_ih_l0",
            "layers.0.weight_ih_l0_reverse", "layers.0.weight_hh_l0_reverse", "layers.0.bias_ih_l0_reverse",
            "norms.0.weight", "norms.0.bias",
            "layers.1.weight_ih_l0", "layers.1.weight_hh_l0", "layers.1.bias_ih_l0", "layers.1.bias_hh_l0",
            "layers.1.weight_ih_l0_reverse", "layers.1.weight_hh_l0_reverse", "layers.1.bias_ih_l0_reverse", "layers.1.bias_hh_l0_reverse",
            "norms.1.weight", "norms.1.bias",
            "layers.2.weight_ih_l0", "layers.2.weight_hh_l0", "layers.2.bias_ih_l0",
            "head.weight", "head.bias",
        ]);

    public void Dispose()
    {
        _weights.Dispose();
        _operands.Dispose();
        _device.Dispose();
    }
}
