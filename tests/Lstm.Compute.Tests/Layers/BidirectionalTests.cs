using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

public class BidirectionalTests
{
    const int Inputs = 4, Units = 6, Seed = 61;

    static readonly BatchShape s_shape = new(Steps: 6, Rows: 7);
    static readonly int[] s_lengths = [6, 1, 0, 3, 5, 6, 2];

    /// <summary>Every kind, every merge, directions of different kinds and sizes, masks.</summary>
    static IEnumerable<Bidirectional> Layers =>
    [
        .. from merge in Enum.GetValues<Merge>()
           from layer in new[]
           {
               Bidirectional.OfLstm(Inputs, Units, merge), Bidirectional.OfGru(Inputs, Units, merge), Bidirectional.OfRnn(Inputs, Units, merge),
               Bidirectional.OfLstm(Inputs, Units, merge, options: LstmVariants.Everything), new(new Gru(Inputs, Units), new Lstm(Inputs, Units, options: new() { Reverse = true }), merge),
           }
           select layer,
        new(new Lstm(Inputs, 3) { LearnedInitialState = true }, new Rnn(Inputs, 17, reverse: true)),
    ];

    [Fact]
    public void Tensors_have_the_names_shapes_and_order_of_PyTorch()
    {
        LayerGradients.Tensors(Bidirectional.OfLstm(3, 5)).ShouldBe(
        [
            "layer.weight_ih_l0 [20,3]", "layer.weight_hh_l0 [20,5]", "layer.bias_ih_l0 [20]",
            "layer.weight_ih_l0_reverse [20,3]", "layer.weight_hh_l0_reverse [20,5]", "layer.bias_ih_l0_reverse [20]",
        ]);
        LayerGradients.Tensors(Bidirectional.OfGru(3, 5)).Where(tensor => tensor.Contains("bias", StringComparison.Ordinal)).ShouldBe(
        [
            "layer.bias_ih_l0 [15]", "layer.bias_hh_l0 [15]", "layer.bias_ih_l0_reverse [15]", "layer.bias_hh_l0_reverse [15]",
        ]);
    }

    [Fact]
    public void Sizes_follow_from_the_directions_and_the_merge()
    {
        foreach (var (merge, outputs) in new[] { (Merge.Concatenate, 10), (Merge.Sum, 5), (Merge.Average, 5) })
        {
            var layer = Bidirectional.OfLstm(3, 5, merge);
            (layer.InputSize, layer.OutputSize, layer.StateSize).ShouldBe((3, outputs, 20), $"{merge}");
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Each_direction_has_the_bits_that_it_has_as_a_layer_alone(string name)
    {
        using var device = TestDevices.Open(name);
        RowRange[] shards = [new(0, 3), new(3, 4)];
        foreach (var layer in Layers)
        {
            var both = new LayerCase(layer, s_shape, Seed).With(s_lengths);
            var (first, second) = (Direction(both, layer.Forward), Direction(both, layer.Backward));
            var (found, forward, backward) = (Run(both, device, shards), Run(first, device, shards), Run(second, device, shards));
            var label = Describe(layer);

            found.Y.ShouldHaveTheBitsOf(Merged(layer, forward.Y, backward.Y), $"y, {label}");
            found.States.ShouldBe(forward.States.Zip(backward.States, (one, other) => (float[])[.. one, .. other]), label);
            found.Dx.ShouldHaveTheBitsOf(Sum(forward.Dx, backward.Dx), $"dx, {label}");
            foreach (var (index, gradient) in found.WeightGradients.Index())
                gradient.ShouldHaveTheBitsOf([.. forward.WeightGradients[index], .. backward.WeightGradients[index]], $"shard {index}, {label}");
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Each_row_of_a_ragged_batch_has_the_bits_that_it_has_alone(string name)
    {
        using var device = TestDevices.Open(name);
        foreach (var layer in Layers)
        {
            var ragged = new LayerCase(layer, s_shape, Seed).With(s_lengths);
            var together = Run(ragged, device, [.. s_lengths.Select((_, row) => new RowRange(row, 1))]);
            foreach (var (row, length) in s_lengths.Index())
            {
                var label = $"row {row}, {Describe(layer)}";
                ragged.Of(together.Dx, row, s_shape.Steps)[(length * Inputs)..].ShouldAllBe(padding => padding == 0, label);
                if (length == 0)
                {
                    together.States[row].ShouldBe(ragged.States[row], label);
                    together.WeightGradients[row].ShouldAllBe(element => element == 0, label);
                    continue;
                }

                var alone = Run(ragged.Alone(row), device, [new(0, 1)]);
                ragged.Of(together.Y, row, length).ShouldHaveTheBitsOf(alone.Y, $"y, {label}");
                ragged.Of(together.Dx, row, length).ShouldHaveTheBitsOf(alone.Dx, $"dx, {label}");
                together.States[row].ShouldBe(alone.States.Single(), label);
                together.WeightGradients[row].ShouldHaveTheBitsOf(alone.WeightGradients.Single(), label);
            }
        }
    }

    [Fact]
    public void Every_gradient_is_the_derivative()
    {
        using var device = new ReferenceDevice<double>();
        var cases =
            from options in LstmVariants.Any
            from kinds in Gen.Choose(0, 4)
            from merge in Gen.Elements(Enum.GetValues<Merge>())
            from T in Gen.Choose(1, 4)
            from N in Gen.Choose(1, 3)
            from D in Gen.Choose(1, 3)
            from H in Gen.Choose(1, 3)
            from ragged in Gen.Elements(false, true)
            from seed in Gen.Choose(0, 1_000_000)
            let layer = Create(kinds, D, H, merge, options)
            let whole = new LayerCase(layer, new(T, N), seed)
            select ragged ? whole.Ragged(seed) : whole;

        Prop.ForAll(cases.ToArbitrary(), layer => LayerGradients.ShouldBeDerivatives(layer, device)).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

        // A cell limit has a corner and a layer normalisation of few units bends too much for differences; LSTMs have tests of both.
        static Bidirectional Create(int kinds, int inputs, int units, Merge merge, LstmOptions options) => kinds switch
        {
            0 => Bidirectional.OfGru(inputs, units, merge),
            1 => Bidirectional.OfRnn(inputs, units, merge),
            2 => new(new Rnn(inputs, units), new Gru(inputs, units, reverse: true), merge),
            _ => Bidirectional.OfLstm(inputs, units, merge, options: options with { CellClip = 0, LayerNorm = false }),
        };
    }

    [Fact]
    public void The_directions_of_an_lstm_draw_masks_of_their_own()
    {
        var layer = Bidirectional.OfLstm(Inputs, Units, options: new() { RecurrentDropout = 0.5f, MaskStream = 40, Reverse = true });
        var (forward, backward) = (((Lstm)layer.Forward).Options, ((Lstm)layer.Backward).Options);

        (forward.Reverse, backward.Reverse).ShouldBe((false, true));
        forward.MaskStream.ShouldBe(40u);
        Math.Abs((long)forward.MaskStream - backward.MaskStream).ShouldBeGreaterThan(1L << 30);
        backward.ShouldBe(forward.Reversed());
        backward.Reversed().ShouldBe(forward);
    }

    [Fact]
    public void Directions_that_do_not_fit_are_refused()
    {
        LstmOptions Masked(uint stream, bool reverse) => new() { ZoneoutCell = 0.1f, MaskStream = stream, Reverse = reverse };
        Should.Throw<ArgumentException>(() => new Bidirectional(new Gru(3, 4), new Gru(3, 4))).Message.ShouldStartWith("the forward layer must run from the first step");
        Should.Throw<ArgumentException>(() => new Bidirectional(new Gru(3, 4, reverse: true), new Gru(3, 4, reverse: true)));
        Should.Throw<ArgumentException>(() => new Bidirectional(new Gru(3, 4), new Gru(5, 4, reverse: true))).Message.ShouldStartWith("the backward layer takes 5 features");
        Should.Throw<ArgumentException>(() => new Bidirectional(new Gru(3, 4), new Gru(3, 5, reverse: true), Merge.Sum)).Message.ShouldStartWith("outputs of 4 and 5 features");
        Should.Throw<ArgumentOutOfRangeException>(() => new Bidirectional(new Gru(3, 4), new Gru(3, 4, reverse: true), (Merge)7));
        foreach (var (stream, collides) in new[] { (10u, true), (12u, true), (8u, true), (13u, false), (7u, false) })
        {
            void Create() => _ = new Bidirectional(new Lstm(3, 4, options: Masked(10, reverse: false)), new Lstm(3, 4, options: Masked(stream, reverse: true)));
            if (collides)
                Should.Throw<ArgumentException>(Create, $"{stream}").Message.ShouldStartWith("both directions draw masks of the same streams");
            else
                Should.NotThrow(Create, $"{stream}");
        }
    }

    static LayerOutcome Run(LayerCase layer, IDevice device, RowRange[] shards)
    {
        using var operands = new Operands(device, Placement.BetweenNotNumbers);
        return layer.On(operands, shards: shards);
    }

    /// <summary>One direction as a layer, with its part of the numbers.</summary>
    static LayerCase Direction(LayerCase both, RecurrentLayer direction)
    {
        var layer = (Bidirectional)both.Layer;
        var (isForward, parameters) = (direction == layer.Forward, ParameterLayout.LengthOf(layer.Forward));
        return new(direction, both.Shape, Seed)
        {
            Parameters = isForward ? both.Parameters[..parameters] : both.Parameters[parameters..],
            X = both.X,
            Dy = layer.Merge switch
            {
                Merge.Concatenate => [.. both.Dy.Chunk(layer.OutputSize).SelectMany(dy => isForward ? dy[..direction.OutputSize] : dy[^direction.OutputSize..])],
                Merge.Average => [.. both.Dy.Select(dy => dy / 2)],
                _ => both.Dy,
            },
            States = [.. both.States.Select(state => isForward ? state[..direction.StateSize] : state[^direction.StateSize..])],
            RowKeys = both.RowKeys,
            Lengths = both.Lengths,
        };
    }

    static double[] Merged(Bidirectional layer, double[] forward, double[] backward) => layer.Merge switch
    {
        Merge.Concatenate =>
            [.. forward.Chunk(layer.Forward.OutputSize).Zip(backward.Chunk(layer.Backward.OutputSize)).SelectMany(pair => pair.First.Concat(pair.Second))],
        Merge.Sum => Sum(forward, backward),
        _ => [.. Sum(forward, backward).Select(sum => sum / 2)],
    };

    static double[] Sum(double[] one, double[] other) => [.. one.Zip(other, (a, b) => (double)((float)a + (float)b))];

    static string Describe(Bidirectional layer) => $"{layer.Forward.GetType().Name} and {layer.Backward.GetType().Name}, {layer.Merge}";
}
