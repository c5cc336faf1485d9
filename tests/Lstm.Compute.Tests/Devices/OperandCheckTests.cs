namespace LstmCluster.Compute.Tests;

/// <summary>A device refuses operands that do not fit, before a kernel reads or writes beyond them.</summary>
public class OperandCheckTests
{
    const int Rows = 3, Inner = 5, Outer = 7;

    public static TheoryData<string> Devices => TestDevices.Names;

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_product_refuses_short_operands(string name) => Refuses(name, run =>
    {
        var matrix = run.Matrix(run.Numbers("W", new double[Inner * Outer]), Outer, Inner, MatrixUse.Forward);
        var (x, y, bias) = (run.Numbers("x", new double[Rows * Inner]), run.Numbers("y", new double[Rows * Outer]), run.Numbers("bias", new double[Outer]));
        return
        [
            () => run.Device.Multiply(Shorter(x), Rows, matrix, y, bias, false),
            () => run.Device.Multiply(x, Rows, matrix, Shorter(y), bias, false),
            () => run.Device.Multiply(x, Rows, matrix, y, Shorter(bias), false),
            () => run.Device.Prepare(Shorter(run.Numbers("W", new double[Inner * Outer])), matrix),
        ];
    });

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_weight_gradient_refuses_short_operands_and_foreign_rows(string name) => Refuses(name, run =>
    {
        var (shape, all) = (new BatchShape(2, Rows), new RowRange(0, Rows));
        var (dy, x) = (run.Numbers("dy", new double[2 * Rows * Outer]), run.Numbers("x", new double[2 * Rows * Inner]));
        var (dW, db) = (run.Numbers("dW", new double[Inner * Outer]), run.Numbers("db", new double[Outer]));
        return
        [
            () => run.Device.LinearGradient(shape, all, Shorter(dy), Outer, x, Inner, dW, db, false),
            () => run.Device.LinearGradient(shape, all, dy, Outer, Shorter(x), Inner, dW, db, false),
            () => run.Device.LinearGradient(shape, all, dy, Outer, x, Inner, Shorter(dW), db, false),
            () => run.Device.LinearGradient(shape, all, dy, Outer, x, Inner, dW, Shorter(db), false),
            () => run.Device.LinearGradient(shape, new(1, Rows), dy, Outer, x, Inner, dW, db, false),
            () => run.Device.LinearGradient(shape, new(-1, 1), dy, Outer, x, Inner, dW, db, false),
            () => run.Device.LinearGradient(shape, new(0, -1), dy, Outer, x, Inner, dW, db, false),
            () => run.Device.LinearGradient(shape, new(int.MaxValue, 1), dy, Outer, x, Inner, dW, db, false),
        ];
    });

    [Theory]
    [MemberData(nameof(Devices))]
    public void Token_operations_refuse_what_lies_outside_of_the_vocabulary(string name) => Refuses(name, run =>
    {
        const int vocabulary = 4, width = 3;
        var table = run.Numbers("table", new double[vocabulary * width]);
        var (output, logits, losses) = (run.Numbers("output", new double[width]), run.Numbers("logits", new double[vocabulary]), run.Numbers("losses", [0]));

        // Times the width, the last one is 2 in 32 bits.
        int[] strangers = [vocabulary, -1, int.MinValue, int.MaxValue, 1431655766];
        return
        [
            .. strangers.Select<int, Action>(token => () => run.Device.EmbeddingForward(table, width, run.Indices(token), 0, 1, output)),
            .. strangers.Select<int, Action>(token => () => run.Device.EmbeddingGradient(new(1, 1), new(0, 1), width, run.Indices(token), output, table)),
            () => run.Device.SoftmaxCrossEntropy(logits, vocabulary, run.Indices(vocabulary), 1, losses, true),
            () => run.Device.EmbeddingForward(table, width, run.Indices(0), 0, 2, output),
            () => run.Device.EmbeddingForward(table, width, run.Indices(0), 0, 1, Shorter(output)),
            () => run.Device.EmbeddingForward(table, width, run.Indices(0), 1, 1, output),
            () => run.Device.EmbeddingForward(table, width, run.Indices(0, 0), -1, 1, output),
            () => run.Device.EmbeddingForward(table, width, run.Indices(0, 0), int.MaxValue, 1, output),
            () => run.Device.EmbeddingForward(table, width, run.Indices(0, 0), 0, -1, output),
        ];
    });

    [Theory]
    [MemberData(nameof(Devices))]
    public void Losses_refuse_operands_and_options_that_do_not_fit(string name) => Refuses(name, run =>
    {
        var (x, t, losses) = (run.Numbers("x", new double[Rows * Inner]), run.Numbers("t", new double[Rows * Inner]), run.Numbers("losses", new double[Rows]));
        var ids = run.Indices(0, 1, 2);
        return
        [
            () => run.Device.SmoothedCrossEntropy(Shorter(x), Inner, ids, Rows, 0.1f, losses, true),
            () => run.Device.SmoothedCrossEntropy(x, Inner, run.Indices(0, 1), Rows, 0.1f, losses, true),
            () => run.Device.SmoothedCrossEntropy(x, Inner, run.Indices(0, Inner, 0), Rows, 0.1f, losses, true),
            () => run.Device.SmoothedCrossEntropy(x, Inner, ids, Rows, -0.1f, losses, true),
            () => run.Device.SmoothedCrossEntropy(x, Inner, ids, Rows, 1.1f, losses, true),
            () => run.Device.SmoothedCrossEntropy(x, Inner, ids, Rows, float.NaN, losses, true),
            () => run.Device.BinaryCrossEntropy(Shorter(x), t, Rows, Inner, null, losses, true),
            () => run.Device.BinaryCrossEntropy(x, Shorter(t), Rows, Inner, null, losses, true),
            () => run.Device.SquaredError(x, t, Rows, Inner, run.Indices(1, 1), losses, true),
            () => run.Device.SquaredError(x, t, Rows, Inner, null, Shorter(losses), true),
            () => run.Device.HuberLoss(x, t, Rows, Inner, 0, null, losses, true),
            () => run.Device.HuberLoss(x, t, Rows, Inner, -1, null, losses, true),
        ];
    });

    [Theory]
    [MemberData(nameof(Devices))]
    public void Poolings_refuse_short_operands(string name) => Refuses(name, run =>
    {
        var shape = new BatchShape(2, Rows);
        var (x, y, lengths) = (run.Numbers("x", new double[2 * Rows * Inner]), run.Numbers("y", new double[Rows * Inner]), run.Indices(1, 2, 1));
        return
        [
            () => run.Device.PoolForward(Pooling.Mean, shape, Inner, lengths, Shorter(x), y),
            () => run.Device.PoolForward(Pooling.Mean, shape, Inner, lengths, x, Shorter(y)),
            () => run.Device.PoolForward(Pooling.Mean, shape, Inner, run.Indices(1, 2), x, y),
            () => run.Device.PoolBackward(Pooling.Mean, shape, Inner, lengths, default, default, Shorter(y), x),
            () => run.Device.PoolBackward(Pooling.Mean, shape, Inner, lengths, default, default, y, Shorter(x)),
            () => run.Device.PoolBackward(Pooling.Max, shape, Inner, lengths, default, y, y, x),
            () => run.Device.PoolBackward(Pooling.Max, shape, Inner, lengths, x, default, y, x),
        ];
    });

    [Theory]
    [MemberData(nameof(Devices))]
    public void Copies_and_element_operations_refuse_other_lengths(string name) => Refuses(name, run =>
    {
        var (x, y) = (run.Numbers("x", new double[Inner]), run.Numbers("y", new double[Inner]));
        return
        [
            () => run.Device.Add(x, Shorter(y)),
            () => run.Device.Copy(Shorter(x), y),
            () => run.Device.Write(x, new float[Inner + 1]),
            () => run.Device.Read(x, new float[Inner + 1]),
            () => run.Device.Write(run.Indices(1, 2), [1, 2, 3]),
            () => run.Device.Dropout(new(0.5f, 1, 1), new(1, 1), run.Indices(0), Inner, x, y),
            () => run.Device.SgdStep(new(1, 1, 0, 0), Shorter(x), y, default, y),
            () => run.Device.SgdStep(new(1, 1, 0, 0), x, Shorter(y), default, y),
            () => run.Device.AdamStep(new(1, 0, 0, 1, 1, 1, 1), x, y, Shorter(x), y, y),
            () => run.Device.AdamStep(new(1, 0, 0, 1, 1, 1, 1), x, y, x, Shorter(y), y),
            () => run.Device.RmsPropStep(new(1, 1, 0, 1, 0, 0), x, y, Shorter(x), default, default, y),
            () => run.Device.RmsPropStep(new(1, 1, 0, 1, 0, 0), x, y, x, Shorter(x), default, y),
            () => run.Device.RmsPropStep(new(1, 1, 0, 1, 0, 0), x, y, x, default, Shorter(x), y),
            () => run.Device.MoveAverage(0.5f, Shorter(x), y),
            () => run.Device.AdagradStep(new(1, 1, 1, 0), x, y, Shorter(x), y),
            () => run.Device.NadamStep(new(1, 0, 0, 1, 1, 1, 1, 0), x, y, Shorter(x), y, y),
            () => run.Device.NadamStep(new(1, 0, 0, 1, 1, 1, 1, 0), x, y, x, Shorter(y), y),
        ];
    });

    [Theory]
    [MemberData(nameof(Devices))]
    public void An_lstm_backward_refuses_weights_for_inference(string name) => Refuses(name, run =>
    {
        const int units = 2;
        var parameters = new LstmParameters(
            run.Numbers("W", new double[4 * units]), run.Numbers("U", new double[4 * units * units]), run.Numbers("b", new double[4 * units]));
        var weights = new LstmWeights(
            run.Matrix(parameters.Kernel, 4 * units, 1, MatrixUse.Forward), run.Matrix(parameters.RecurrentKernel, 4 * units, units, MatrixUse.Forward),
            null, null, parameters);
        var states = run.Numbers("states", new double[2 * units]);
        var activations = new LstmActivations(run.Numbers("x", [0]), run.Numbers("gates", new double[4 * units]), states, states);
        var (dy, dh, dc) = (run.Numbers("dy", new double[units]), run.Numbers("dh", new double[units]), run.Numbers("dc", new double[units]));
        return [() => run.Device.LstmBackward(new(1, 1, 1, units), weights, activations, new(dy, default, dh, dc))];
    });

    static DeviceSpan Shorter(DeviceSpan span) => span.Slice(0, span.Length - 1);

    internal static void Refuses(string name, Func<Operands, Action[]> calls)
    {
        using var device = TestDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        foreach (var (index, call) in calls(run).Index())
            Should.Throw<ArgumentException>(call, $"call {index}");
    }
}
