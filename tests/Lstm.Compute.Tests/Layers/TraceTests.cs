namespace LstmCluster.Compute.Tests;

public class TraceTests
{
    const int Vocabulary = 7, Width = 3, Units = 5;

    static readonly BatchShape s_shape = new(Steps: 4, Rows: 3);
    static readonly ShardRows[] s_shards = [new(0, new(0, 3))];

    static IEnumerable<LstmOptions> Kinds =>
        from options in new LstmOptions[]
        {
            new(), new() { Peephole = true }, new() { CoupledInputForget = true }, new() { Projection = 2 }, new() { CellClip = 0.5f },
            new() { Peephole = true, CoupledInputForget = true, Projection = 4, CellClip = 0.75f },
        }
        from reverse in new[] { false, true }
        select options with { Reverse = reverse };

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void A_trace_is_what_the_equations_say_at_every_step(string name)
    {
        using var device = TestDevices.Open(name);
        foreach (var options in Kinds)
        {
            var lstm = new Lstm(Width, Units, options: options);
            using var traced = new Traced(device, lstm, lstm);
            var trace = traced.Run();
            var byHand = new LstmByHand(traced.Model, lstm, traced.Weights);
            for (var position = 0; position < s_shape.Positions; position++)
            {
                var (step, row) = (position / s_shape.Rows, position % s_shape.Rows);
                var (input, forget, candidate, output, cell, hidden) =
                    byHand.Step(traced.Input(position), Wide(trace.CellBefore(step, row)), Wide(trace.HiddenBefore(step, row)));
                var label = $"{name}, {options}, step {step}, row {row}";

                foreach (var (gate, wanted) in new[] { (Gate.Input, input), (Gate.Forget, forget), (Gate.Candidate, candidate), (Gate.Output, output) })
                    Agreement.ShouldBeClose(Wide(trace.Gate(gate, step, row)), wanted, Agreement.Tolerance, $"{gate}, {label}");
                Agreement.ShouldBeClose(Wide(trace.CellAfter(step, row)), cell, Agreement.Tolerance, $"cell, {label}");
                Agreement.ShouldBeClose(Wide(trace.HiddenAfter(step, row)), hidden, Agreement.Tolerance, $"hidden, {label}");
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void States_lead_from_the_initial_one_to_the_final_one(bool reverse)
    {
        using var device = new ReferenceDevice<float>();
        var lstm = new Lstm(Width, Units, options: new() { Reverse = reverse, Projection = 2 });
        using var traced = new Traced(device, lstm, lstm);
        var trace = traced.Run();
        int[] steps = reverse ? [3, 2, 1, 0] : [0, 1, 2, 3];
        for (var row = 0; row < s_shape.Rows; row++)
        {
            ((float[])[.. trace.HiddenBefore(steps[0], row), .. trace.CellBefore(steps[0], row)]).ShouldBe(traced.States[row]);
            foreach (var (before, after) in steps.Zip(steps.Skip(1)))
            {
                trace.HiddenBefore(after, row).ToArray().ShouldBe(trace.HiddenAfter(before, row).ToArray());
                trace.CellBefore(after, row).ToArray().ShouldBe(trace.CellAfter(before, row).ToArray());
            }

            ((float[])[.. trace.HiddenAfter(steps[^1], row), .. trace.CellAfter(steps[^1], row)]).ShouldBe(traced.FinalState(row));
        }
    }

    [Fact]
    public void Whole_tensors_are_the_parts_in_their_order()
    {
        using var device = new ReferenceDevice<float>();
        var lstm = new Lstm(Width, Units, options: new() { Reverse = true, Projection = 2, CoupledInputForget = true });
        using var traced = new Traced(device, lstm, lstm);
        var trace = traced.Run();
        var (gates, cells, hidden) = (new List<float>(), new List<float>(), new List<float>());
        for (var position = 0; position < s_shape.Positions; position++)
        {
            var (step, row) = (position / s_shape.Rows, position % s_shape.Rows);
            foreach (var gate in Enum.GetValues<Gate>())
                gates.AddRange(trace.Gate(gate, step, row));
            cells.AddRange(trace.CellAfter(step, row));
            hidden.AddRange(trace.HiddenAfter(step, row));
        }

        (trace.Shape, trace.Units, trace.OutputSize).ShouldBe((s_shape, Units, 2));
        trace.Gates.ToArray().ShouldBe(gates);
        trace.Cells.ToArray().ShouldBe(cells);
        trace.Hidden.ToArray().ShouldBe(hidden);
        Should.Throw<ArgumentOutOfRangeException>(() => { trace.CellAfter(0, s_shape.Rows); });
        Should.Throw<ArgumentOutOfRangeException>(() => { trace.Gate(Gate.Input, s_shape.Steps, 0); });
        Should.Throw<ArgumentOutOfRangeException>(() => { trace.HiddenBefore(-1, 0); });
    }

    [Fact]
    public void A_layer_within_another_one_is_traced_too()
    {
        using var device = new ReferenceDevice<float>();
        var (plain, inner) = (new Lstm(Width, Width), new Lstm(Width, Width));
        using var alone = new Traced(device, plain, plain);
        using var within = new Traced(device, new Residual(inner), inner);

        within.Run().Gates.ToArray().ShouldBe(alone.Run().Gates.ToArray());
    }

    [Fact]
    public void Both_directions_of_a_layer_are_traced()
    {
        using var device = new ReferenceDevice<float>();
        var both = Bidirectional.OfLstm(Width, Units);
        using var forward = new Traced(device, both, (Lstm)both.Forward);
        using var backward = new Traced(device, both, (Lstm)both.Backward);
        var (first, second) = (forward.Run(), backward.Run());
        for (var row = 0; row < s_shape.Rows; row++)
        {
            ((float[])[
                .. first.HiddenAfter(s_shape.Steps - 1, row), .. first.CellAfter(s_shape.Steps - 1, row), .. second.HiddenAfter(0, row), .. second.CellAfter(0, row),
            ]).ShouldBe(forward.FinalState(row));
        }
    }

    [Fact]
    public void A_trace_stays_what_it_was_and_is_refused_when_its_gates_are_gone()
    {
        using var device = new ReferenceDevice<float>();
        var lstm = new Lstm(Width, Units);
        using var traced = new Traced(device, lstm, lstm);
        Should.Throw<InvalidOperationException>(traced.Trace);
        traced.Load();
        Should.Throw<InvalidOperationException>(traced.Trace);
        var trace = traced.Run(training: true);
        var gates = trace.Gates.ToArray();
        Should.Throw<ArgumentException>(() => traced.Trace(new Lstm(Width, Units)));

        traced.Backward();

        Should.Throw<InvalidOperationException>(traced.Trace);
        trace.Gates.ToArray().ShouldBe(gates);
        traced.Run().Gates.ToArray().ShouldBe(gates);
        traced.Load();
        Should.Throw<InvalidOperationException>(traced.Trace);
    }

    static double[] Wide(ReadOnlySpan<float> values) => Array.ConvertAll(values.ToArray(), value => (double)value);

    /// <summary>A small model around a layer, with a batch that carries a state.</summary>
    sealed class Traced : IDisposable
    {
        readonly Lstm _lstm;
        readonly Operands _operands;
        readonly ModelWeights _weights;
        readonly SequenceRun _run;
        readonly int[] _tokens;
        readonly DeviceSpan _gradient;

        public Traced(IDevice device, Layer layer, Lstm lstm)
        {
            _lstm = lstm;
            Model = new SequenceModel(new Embedding(Vocabulary, layer.InputSize), [layer], new Linear(layer.OutputSize, Vocabulary));
            var draw = new Draw(71);
            (Weights, _tokens) = (draw.Uniform(Model.Parameters.Length), draw.Integers(s_shape.Positions, 0, Vocabulary));
            States = [.. Enumerable.Range(0, s_shape.Rows).Select(_ => Array.ConvertAll(draw.Uniform(Model.StateSize), value => (float)value))];
            _operands = new Operands(device, Placement.BetweenNotNumbers);
            _gradient = _operands.Unwritten("gradient", Weights.Length);
            _weights = new ModelWeights(Model, device, training: true);
            _weights.Load(_operands.Numbers("weights", Weights));
            _run = new SequenceRun(Model, device);
        }

        public SequenceModel Model { get; }

        public double[] Weights { get; }

        public float[][] States { get; }

        public double[] Input(int position)
        {
            var width = Model.Features;
            return Weights[(_tokens[position] * width)..((_tokens[position] + 1) * width)];
        }

        public void Load()
        {
            _run.Load(s_shape, _tokens, _tokens, s_shards);
            for (var row = 0; row < s_shape.Rows; row++)
                _run.WriteState(row, States[row]);
        }

        public LstmTrace Run(bool training = false)
        {
            Load();
            _run.Forward(_weights, training);
            return Trace();
        }

        public void Backward()
        {
            _run.Losses(new float[s_shape.Positions]);
            _run.Backward(_weights, [new GradientTarget(new(0, 1), _gradient)]);
        }

        public LstmTrace Trace() => Trace(_lstm);

        public LstmTrace Trace(Lstm layer) => _run.Trace(layer);

        public float[] FinalState(int row)
        {
            var state = new float[Model.StateSize];
            _run.ReadState(row, state);
            return state;
        }

        public void Dispose()
        {
            _run.Dispose();
            _weights.Dispose();
            _operands.Dispose();
        }
    }
}
