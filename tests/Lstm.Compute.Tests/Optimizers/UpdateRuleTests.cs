using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

public sealed class UpdateRuleTests : IDisposable
{
    static readonly Optimizer[] Optimizers =
    [
        new Sgd(0.9, 0.1), new Adam(), new Adam(DecoupledWeightDecay: 0.1), new RmsProp(0.9, Centered: true, Momentum: 0.5, WeightDecay: 0.1),
        new Adagrad(0.1, 0.25, WeightDecay: 0.1), new Nadam(WeightDecay: 0.1),
    ];

    readonly CpuDevice _device = CpuDevice.Create();
    readonly ParameterLayout _layout = SequenceModel.LanguageModel(vocabulary: 11, embedding: 3, [5, 7]).Parameters;

    [Fact]
    public void Rates_cut_the_vector_by_the_longest_name_that_fits()
    {
        var rates = ParameterRates.Of(_layout, new Dictionary<string, double> { ["layers"] = 0.5, ["layers.1"] = 0, ["layers.1.bias_ih_l0"] = 2, ["head"] = 0.5 });

        var first = _layout["layers.0.weight_ih_l0"].Offset;
        var second = _layout["layers.1.weight_ih_l0"].Offset;
        var bias = _layout["layers.1.bias_ih_l0"];
        var head = _layout["head.weight"].Offset;
        rates.Ranges.ShouldBe(
        [
            new(new(0, first), 1), new(new(first, second - first), 0.5), new(new(second, bias.Offset - second), 0), new(new(bias.Offset, bias.Length), 2),
            new(new(head, _layout.Length - head), 0.5),
        ]);
    }

    [Fact]
    public void A_layers_number_is_not_the_beginning_of_anothers()
    {
        var layout = SequenceModel.LanguageModel(vocabulary: 3, embedding: 2, [.. Enumerable.Repeat(2, 11)]).Parameters;

        var rates = ParameterRates.Of(layout, new Dictionary<string, double> { ["layers.1"] = 0 });

        rates.Ranges.Single(range => range.Factor == 0).Range.Offset.ShouldBe(layout["layers.1.weight_ih_l0"].Offset);
    }

    [Theory]
    [InlineData("layer.0", 1)]
    [InlineData("layers.2", 1)]
    [InlineData("layers.", 1)]
    [InlineData("layers.0.weight", 1)]
    [InlineData("", 1)]
    [InlineData("head", -1)]
    [InlineData("head", double.NaN)]
    public void A_name_that_fits_nothing_and_a_factor_out_of_range_are_refused(string name, double factor) =>
        Should.Throw<ArgumentException>(() => ParameterRates.Of(_layout, new Dictionary<string, double> { [name] = factor }));

    [Fact]
    public void An_unknown_name_is_answered_with_the_known_ones() =>
        Should.Throw<ArgumentException>(() => ParameterRates.Of(_layout, new Dictionary<string, double> { ["layers.2"] = 1 }))
            .Message.ShouldStartWith("layers.2 names no layer: known are embedding, layers.0, layers.1, head, and the names of their tensors");

    [Fact]
    public void Without_factors_an_update_is_the_optimizers_bit_for_bit()
    {
        foreach (var optimizer in Optimizers)
        {
            var (plain, ruled) = (Train(optimizer, null), Train(optimizer, new UpdateRule(optimizer, ParameterRates.Uniform(_layout.Length))));

            for (var index = 0; index < plain.Length; index++) ruled[index].ShouldHaveTheBitsOf(plain[index], $"{optimizer}, vector {index}");
        }
    }

    [Fact]
    public void A_factor_is_a_rate_of_its_own_and_changes_nothing_else()
    {
        var embedding = _layout["embedding.weight"];
        foreach (var optimizer in Optimizers)
        {
            var (whole, tenth) = (Train(optimizer, null), Train(optimizer, null, rate: 0.01 * 0.25));
            var rated = Train(optimizer, new UpdateRule(optimizer, ParameterRates.Of(_layout, new Dictionary<string, double> { ["embedding"] = 0.25 })));

            for (var index = 0; index < whole.Length; index++)
            {
                rated[index][..embedding.Length].ShouldHaveTheBitsOf(tenth[index][..embedding.Length], $"{optimizer}, vector {index}, embedding");
                rated[index][embedding.Length..].ShouldHaveTheBitsOf(whole[index][embedding.Length..], $"{optimizer}, vector {index}, the rest");
            }
        }
    }

    [Fact]
    public void A_frozen_layer_keeps_its_weights_its_state_and_its_average()
    {
        var rates = ParameterRates.Of(_layout, new Dictionary<string, double> { ["layers.0"] = 0 });
        var (first, end) = (_layout["layers.0.weight_ih_l0"].Offset, _layout["layers.1.weight_ih_l0"].Offset);
        var initial = new Draw(80).Uniform(_layout.Length);
        foreach (var optimizer in Optimizers)
        {
            var vectors = Train(optimizer, new UpdateRule(optimizer, rates, new WeightAverage(0.9)));

            vectors[0][first..end].ShouldHaveTheBitsOf(initial[first..end], $"{optimizer}, weights");
            vectors[^1][first..end].ShouldHaveTheBitsOf(initial[first..end], $"{optimizer}, average");
            for (var index = 0; index < optimizer.StateNames.Count; index++)
                vectors[index + 1][first..end].ShouldAllBe(value => value == optimizer.InitialState(index), $"{optimizer}, vector {index}");
            vectors[0][..first].ShouldAllBe(value => double.IsFinite(value));
            vectors[0][0].ShouldNotBe(initial[0]);
            vectors[0][end].ShouldNotBe(initial[end]);
        }
    }

    [Fact]
    public void The_gradient_of_what_is_frozen_is_cleared_and_nothing_else()
    {
        var rates = ParameterRates.Of(_layout, new Dictionary<string, double> { ["head"] = 0, ["embedding"] = 0.5 });
        using var run = new Operands(_device, Placement.BetweenNotNumbers);
        var values = new Draw(81).Uniform(_layout.Length);
        var gradient = run.Numbers("gradient", values);

        rates.ClearFrozen(_device, gradient);

        var head = _layout["head.weight"].Offset;
        run.Read(gradient)[..head].ShouldBe(values[..head]);
        run.Read(gradient)[head..].ShouldAllBe(value => value == 0);
    }

    /// <summary>The average of the definition, in double: it starts as the initial weights, which the first updates mostly forget.</summary>
    [Fact]
    public void The_average_follows_the_weights_with_its_decay()
    {
        using var exact = new ReferenceDevice<double>();
        using var run = new Operands(exact, Placement.BetweenNotNumbers);
        var (average, wanted) = (run.Numbers("average", [1]), 1.0);
        for (var step = 1; step <= 200; step++)
        {
            var weight = Math.Sin(step);
            new WeightAverage(0.9).Apply(exact, step, run.Numbers("w", [weight]), average);
            var decay = Math.Min(0.9, (1.0 + step) / (10.0 + step));
            wanted = (decay * wanted) + ((1 - decay) * weight);
            run.Read(average)[0].ShouldBe(wanted, 1e-6, $"step {step}");
        }
    }

    public void Dispose() => _device.Dispose();

    /// <summary>Five updates: the weights, then the state vectors.</summary>
    double[][] Train(Optimizer optimizer, UpdateRule? rule, double rate = 0.01)
    {
        var length = _layout.Length;
        var draw = new Draw(80);
        using var run = new Operands(_device, Placement.BetweenNotNumbers);
        var weights = run.Numbers("weights", draw.Uniform(length));
        var names = rule?.StateNames ?? optimizer.StateNames;
        DeviceSpan[] state = [.. names.Select((name, index) => run.Numbers(name, InitialState(index)))];
        for (var step = 1; step <= 5; step++)
        {
            var (gradient, updated) = (run.Numbers("gradient", draw.Uniform(length)), run.Unwritten("updated", length));
            if (rule is null) optimizer.Apply(_device, step, rate, 0.5f, gradient, weights, state, updated);
            else rule.Apply(_device, step, rate, 0.5f, gradient, weights, state, updated);
            weights = updated;
        }

        return [run.Read(weights), .. state.Select(run.Read)];

        double[] InitialState(int index)
        {
            var vector = new float[length];
            if (rule is null) Array.Fill(vector, optimizer.InitialState(index));
            else rule.Initialize(index, Array.ConvertAll(run.Read(weights), x => (float)x), vector);
            return Array.ConvertAll(vector, x => (double)x);
        }
    }
}
