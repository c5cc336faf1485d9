namespace LstmCluster.Compute.Tests;

public class GateViewTests
{
    const int Inputs = 3, Units = 4;

    public static TheoryData<bool, bool, int, bool> LstmKinds =>
        [.. from coupled in new[] { false, true } from peephole in new[] { false, true } from projection in new[] { 0, 2 } from reverse in new[] { false, true }
            select (coupled, peephole, projection, reverse)];

    [Theory]
    [MemberData(nameof(LstmKinds))]
    public void Views_of_an_lstm_are_its_tensors_and_the_gates_parts_follow_each_other(bool coupled, bool peephole, int projection, bool reverse)
    {
        var lstm = new Lstm(Inputs, Units, options: new() { CoupledInputForget = coupled, Peephole = peephole, Projection = projection, Reverse = reverse });
        var model = Model(lstm);
        Gate[] gates = coupled ? [Gate.Input, Gate.Candidate, Gate.Output] : [Gate.Input, Gate.Forget, Gate.Candidate, Gate.Output];

        ShouldTile(model, lstm, lstm.Kernel, gates);
        ShouldTile(model, lstm, lstm.RecurrentKernel, gates);
        ShouldTile(model, lstm, lstm.Bias, gates);
        (lstm.Peephole is not null).ShouldBe(peephole);
        if (lstm.Peephole is { } diagonals)
            ShouldTile(model, lstm, diagonals, [.. gates.Where(gate => gate != Gate.Candidate)]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Views_of_a_gru_are_its_tensors_and_the_gates_parts_follow_each_other(bool reverse)
    {
        var gru = new Gru(Inputs, Units, reverse);
        var model = Model(gru);
        foreach (var tensor in new[] { gru.Kernel, gru.RecurrentKernel, gru.Bias, gru.RecurrentBias })
            ShouldTile(model, gru, tensor, [GruGate.Reset, GruGate.Update, GruGate.Candidate]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Views_of_an_rnn_are_its_tensors(bool reverse)
    {
        var rnn = new Rnn(Inputs, Units, reverse);
        var model = Model(rnn);
        foreach (var view in new[] { rnn.Kernel, rnn.RecurrentKernel, rnn.Bias })
            ShouldBeTheTensor(model, rnn, view);
    }

    /// <summary>Rows H to 2H of PyTorch's tensors are those of f.</summary>
    [Fact]
    public void Setting_the_forget_gate_changes_its_rows_and_nothing_else()
    {
        var lstm = new Lstm(Inputs, Units);
        var model = Model(lstm);
        foreach (var (view, name, columns) in new[]
        {
            (lstm.Kernel[Gate.Forget], "layers.0.weight_ih_l0", Inputs), (lstm.RecurrentKernel[Gate.Forget], "layers.0.weight_hh_l0", Units),
            (lstm.Bias[Gate.Forget], "layers.0.bias_ih_l0", 1),
        })
        {
            var weights = new float[model.Parameters.Length];
            model.View(weights.AsSpan(), lstm, view).Fill(1);

            var first = model.Parameters[name].Offset + (Units * columns);
            weights.Index().Where(element => element.Item != 0).Select(element => element.Index).ShouldBe(Enumerable.Range(first, Units * columns), name);
        }
    }

    /// <summary>The equations over the views' numbers give what PyTorch computes.</summary>
    [Theory]
    [InlineData("7x1x3x17")]
    [InlineData("20x5x7x16")]
    public void Computing_gate_by_gate_gives_what_PyTorch_gives(string extent)
    {
        var golden = new GoldenFile($"lstm-{extent}");
        var (T, N, D, H) = (golden.Integer("T"), golden.Integer("N"), golden.Integer("D"), golden.Integer("H"));
        var lstm = new Lstm(D, H);
        var model = Model(lstm);
        var weights = new double[model.Parameters.Length];
        ((double[])[.. golden.Numbers("W"), .. golden.Numbers("U"), .. golden.Numbers("b")]).CopyTo(weights, model.Parameters["layers.0.weight_ih_l0"].Offset);
        var (byHand, x, y) = (new LstmByHand(model, lstm, weights), golden.Numbers("x"), new double[T * N * H]);
        for (var row = 0; row < N; row++)
        {
            var (cell, hidden) = (Row(golden.Numbers("c0"), row, H), Row(golden.Numbers("h0"), row, H));
            for (var step = 0; step < T; step++)
            {
                (_, _, _, _, cell, hidden) = byHand.Step(Row(x, (step * N) + row, D), cell, hidden);
                hidden.CopyTo(y, ((step * N) + row) * H);
            }
        }

        Agreement.ShouldBeClose(y, golden.Numbers("y"), 1e-12, extent);

        static double[] Row(double[] values, int row, int width) => values[(row * width)..((row + 1) * width)];
    }

    [Fact]
    public void A_layer_within_another_one_has_its_views_too()
    {
        var lstm = new Lstm(Units, Units);
        var model = Model(new Residual(lstm));
        ShouldTile(model, lstm, lstm.Kernel, Enum.GetValues<Gate>());
    }

    [Fact]
    public void All_kinds_of_vectors_are_viewed_alike()
    {
        var lstm = new Lstm(Inputs, Units);
        var model = Model(lstm);
        using var device = new ReferenceDevice<float>();
        using var buffer = device.Allocate(model.Parameters.Length);
        var vector = Enumerable.Range(0, model.Parameters.Length).Select(index => (float)index).ToArray();
        device.Write(buffer.All, vector);
        var view = lstm.RecurrentKernel[Gate.Candidate];
        var (wanted, found) = (model.View(vector.AsSpan(), lstm, view).ToArray(), new float[view.Length]);

        device.Read(model.View(buffer.All, lstm, view), found);

        found.ShouldBe(wanted);
        model.View((ReadOnlySpan<float>)vector, lstm, view).ToArray().ShouldBe(wanted);
    }

    [Fact]
    public void What_has_no_place_in_the_model_is_refused()
    {
        var lstm = new Lstm(Inputs, Units, options: new() { CoupledInputForget = true });
        var model = Model(lstm);
        var vector = new float[model.Parameters.Length];
        Should.Throw<ArgumentException>(() => lstm.Kernel[Gate.Forget]).Message.ShouldStartWith("weight_ih_l0 has no part of Forget: it has those of Input, Candidate, Output");
        Should.Throw<ArgumentException>(() => { model.View(vector.AsSpan(), new Lstm(Inputs, Units), lstm.Kernel.All); });
        Should.Throw<ArgumentException>(() => { model.View(vector.AsSpan(1), lstm, lstm.Kernel.All); });
        Should.Throw<ArgumentException>(() => { model.View(vector.AsSpan(), lstm, new TensorView("beyond", 1, 1, ParameterLayout.LengthOf(lstm))); });
    }

    /// <summary>A description may stand twice in a model, with weights of its own each time: then it does not say which are meant.</summary>
    [Fact]
    public void A_layer_in_two_places_is_refused()
    {
        var lstm = new Lstm(Units, Units);
        var model = new SequenceModel(new Embedding(5, Units), [lstm, lstm], new Linear(Units, 5));
        Should.Throw<ArgumentException>(() => model.Parameters.RangeOf(lstm)).Message.ShouldStartWith("the part has 2 places");
    }

    static void ShouldTile<TGate>(Model model, Layer layer, GatedTensor<TGate> tensor, TGate[] gates)
        where TGate : struct, Enum
    {
        ShouldBeTheTensor(model, layer, tensor.All);
        tensor.Gates.ShouldBe(gates);
        var next = tensor.All.Offset;
        foreach (var gate in gates)
        {
            var view = tensor[gate];
            (view.Name, view.Offset, view.Length).ShouldBe((tensor.All.Name, next, tensor.All.Length / gates.Length));
            if (tensor.All.Rows > 1)
                view.Columns.ShouldBe(tensor.All.Columns);
            next += view.Length;
        }

        next.ShouldBe(tensor.All.Offset + tensor.All.Length);
    }

    static void ShouldBeTheTensor(Model model, Layer layer, TensorView view)
    {
        var parameter = model.Parameters[$"layers.0.{view.Name}"];
        (model.Parameters.RangeOf(layer).Offset + view.Offset).ShouldBe(parameter.Offset, view.Name);
        (parameter.Shape.Count == 1 ? [1, .. parameter.Shape] : parameter.Shape).ShouldBe([view.Rows, view.Columns], view.Name);
    }

    static SequenceModel Model(Layer layer) => new(new Embedding(5, layer.InputSize), [layer], new Linear(layer.OutputSize, 5));
}
