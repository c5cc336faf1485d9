using LstmCluster.Compute;

namespace Lstm.Compute.Tests.Parameters;

public class InitializerTests
{
    const int Count = 20_000;

    [Fact]
    public void Uniform_numbers_fill_their_interval_evenly()
    {
        var drawn = Filled(new UniformInitializer(0.25), Count);
        drawn.ShouldAllBe(value => value >= -0.25f && value < 0.25f);
        drawn.Average().ShouldBe(0, 0.005);

        // Six standard errors of a tenth's count.
        var tenths = drawn.CountBy(value => (int)((value + 0.25) * 20)).ToDictionary();
        tenths.Count.ShouldBe(10);
        tenths.Values.ShouldAllBe(count => Math.Abs(count - (Count / 10)) < 6 * Math.Sqrt(Count * 0.09));
    }

    [Fact]
    public void Normal_numbers_have_the_mean_the_deviation_and_the_tails_of_a_normal_distribution()
    {
        var drawn = Filled(new NormalInitializer(0.5), Count);
        drawn.ShouldAllBe(value => float.IsFinite(value));
        drawn.Average().ShouldBe(0, 0.02);
        Math.Sqrt(drawn.Average(value => (double)value * value)).ShouldBe(0.5, 0.015);
        (drawn.Count(value => Math.Abs(value) > 0.5) / (double)Count).ShouldBe(0.3173, 0.02);
        (drawn.Count(value => Math.Abs(value) > 1) / (double)Count).ShouldBe(0.0455, 0.01);
    }

    [Fact]
    public void A_prefix_of_a_tensor_does_not_depend_on_its_length()
    {
        foreach (var initializer in new Initializer[] { new UniformInitializer(1), new NormalInitializer(1) })
            Filled(initializer, 50).ShouldBe(Filled(initializer, 70)[..50]);
    }

    [Fact]
    public void Only_the_forget_gate_of_an_lstm_starts_from_the_forget_bias()
    {
        const int Units = 5;
        var bias = Filled(new GateBiasInitializer(new UniformInitializer(0.5), Units, (int)Gate.Forget, 1f), 4 * Units);
        var others = Filled(new UniformInitializer(0.5), 4 * Units);
        for (var index = 0; index < bias.Length; index++)
            bias[index].ShouldBe(index / Units == (int)Gate.Forget ? 1f : others[index]);
        ((int)Gate.Forget).ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Input_and_output_gates_start_from_biases_of_their_own_and_nothing_else_changes(bool coupled)
    {
        const int Units = 3;
        var options = new LstmOptions { CoupledInputForget = coupled, Peephole = true };
        var (plain, biased) = (Start(new LstmCluster.Compute.Lstm(2, Units, 1f, options)), Start(new LstmCluster.Compute.Lstm(2, Units, 1f, options) { InputBias = coupled ? null : -4f, OutputBias = -5f }));

        var rows = options.GateCount * Units;
        for (var index = 0; index < plain.Length; index++)
        {
            // The bias stands behind the kernels [GH,2] and [GH,3].
            var gate = index < 5 * rows || index >= 6 * rows ? -1 : (index - (5 * rows)) / Units;
            biased[index].ShouldBe(gate == options.GateCount - 1 ? -5f : gate == (int)Gate.Input && !coupled ? -4f : plain[index]);
        }

        static float[] Start(Layer layer)
        {
            var builder = new ParameterLayout.Builder();
            builder.Declare("layer", layer);
            var layout = builder.Build();
            var values = new float[layout.Length];
            layout.Initialize(7, values);
            return values;
        }
    }

    [Fact]
    public void Glorots_limit_is_that_of_the_extent_of_one_matrix()
    {
        UniformInitializer.Glorot(2, 4).Limit.ShouldBe(1);
        UniformInitializer.Glorot(100, 50).Limit.ShouldBe(0.2);
        Should.Throw<ArgumentOutOfRangeException>(() => UniformInitializer.Glorot(0, 4));
    }

    [Fact]
    public void Kernels_start_from_what_the_initialization_says_by_the_extent_of_one_gate()
    {
        RecurrentInitialization.Uniform.ShouldBe(new RecurrentInitialization(KernelInitialization.Uniform, KernelInitialization.Uniform));
        RecurrentInitialization.Uniform.OfKernel(units: 16, inputs: 5).ShouldBe(new UniformInitializer(0.25));
        RecurrentInitialization.Uniform.OfRecurrentKernel(units: 16, outputs: 4).ShouldBe(new UniformInitializer(0.25));
        var keras = new RecurrentInitialization(KernelInitialization.Glorot, KernelInitialization.Orthogonal);
        keras.OfKernel(units: 16, inputs: 8).ShouldBe(new UniformInitializer(0.5));
        keras.OfRecurrentKernel(units: 16, outputs: 4).ShouldBe(new OrthogonalInitializer(16, 4));
    }

    [Fact]
    public void Recurrent_layers_start_from_their_initialization_and_without_one_from_uniform_numbers()
    {
        var keras = new RecurrentInitialization(KernelInitialization.Glorot, KernelInitialization.Orthogonal);
        foreach (var layer in new RecurrentLayer[] { new LstmCluster.Compute.Lstm(8, 16) { Initialization = keras }, new Gru(8, 16) { Initialization = keras }, new Rnn(8, 16) { Initialization = keras } })
        {
            Start(layer, "weight_ih_l0").ShouldBe(new UniformInitializer(0.5));
            Start(layer, "weight_hh_l0").ShouldBe(new OrthogonalInitializer(16, 16));
        }

        foreach (var layer in new RecurrentLayer[] { new LstmCluster.Compute.Lstm(8, 16), new Gru(8, 16), new Rnn(8, 16) })
        {
            Start(layer, "weight_ih_l0").ShouldBe(new UniformInitializer(0.25));
            Start(layer, "weight_hh_l0").ShouldBe(new UniformInitializer(0.25));
        }
    }

    [Fact]
    public void A_constant_is_everywhere() => Filled(new ConstantInitializer(-2.5f), 7).ShouldAllBe(value => value == -2.5f);

    static Initializer Start(Layer layer, string tensor)
    {
        var builder = new ParameterLayout.Builder();
        builder.Declare("layer", layer);
        return builder.Build()[$"layer.{tensor}"].Initializer;
    }

    static float[] Filled(Initializer initializer, int count)
    {
        var target = new float[count];
        initializer.Fill(target, new RandomSequence(seed: 9, stream: 2));
        return target;
    }
}
