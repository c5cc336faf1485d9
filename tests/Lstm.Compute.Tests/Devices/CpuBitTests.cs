using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>What the determinism rules promise of the Cpu device, bit for bit: results do not depend on who else is in the batch.</summary>
public sealed class CpuBitTests : IDisposable
{
    readonly CpuDevice _device = CpuDevice.Create();

    public static TheoryData<int> Units => [1, 3, 17, 31, 33, 64, 100];

    [Theory]
    [MemberData(nameof(Units))]
    public void A_rows_outputs_and_input_gradients_do_not_depend_on_the_other_rows(int units)
    {
        var shape = new LstmShape(5, 13, 19, units);
        var (batch, state) = (shape.Batch, new BatchShape(6, 13));
        var layer = new LstmCase(shape, seed: 23);
        var together = Run(layer);
        for (var row = 0; row < shape.Rows; row++)
        {
            var alone = Run(layer.Row(row));
            double[] Of(double[] values, BatchShape extent, int width) => LstmCase.RowsOf(values, extent, new(row, 1), width);

            alone.Hidden.ShouldHaveTheBitsOf(Of(together.Hidden, state, units), $"h of row {row}");
            alone.Cells.ShouldHaveTheBitsOf(Of(together.Cells, state, units), $"c of row {row}");
            alone.Gates.ShouldHaveTheBitsOf(Of(together.Gates, batch, 4 * units), $"gates of row {row}");
            alone.Dz.ShouldHaveTheBitsOf(Of(together.Dz, batch, 4 * units), $"dz of row {row}");
            alone.Dh.ShouldHaveTheBitsOf(Of(together.Dh, batch, units), $"dh of row {row}");
            alone.Dx.ShouldHaveTheBitsOf(Of(together.Dx, batch, shape.Inputs), $"dx of row {row}");
            alone.Dh0.ShouldHaveTheBitsOf(Of(together.Dh0, new(1, 13), units), $"dh(0) of row {row}");
            alone.Dc0.ShouldHaveTheBitsOf(Of(together.Dc0, new(1, 13), units), $"dc(0) of row {row}");
        }
    }

    [Theory]
    [MemberData(nameof(Units))]
    public void A_shards_weight_gradient_does_not_depend_on_the_other_shards(int units)
    {
        var layer = new LstmCase(new(7, 13, 19, units), seed: 24);
        foreach (var rows in new RowRange[] { new(0, 1), new(0, 6), new(4, 5), new(12, 1), new(1, 12) })
        {
            foreach (var accumulate in new[] { false, true })
            {
                var (among, alone) = (Gradient(layer, rows, accumulate), Gradient(layer.Rows(rows), new(0, rows.Count), accumulate));

                among.ShouldHaveTheBitsOf(alone, $"gradient of {rows}");
            }
        }
    }

    [Fact]
    public void A_shards_linear_and_embedding_gradients_do_not_depend_on_the_other_shards()
    {
        var (shape, draw) = (new BatchShape(9, 13), new Draw(25));
        foreach (var (outputs, inputs) in new[] { (1, 1), (33, 17), (100, 64), (64, 100) })
        {
            var (dy, x, tokens) = (draw.Uniform(shape.Positions * outputs), draw.Uniform(shape.Positions * inputs), draw.Integers(shape.Positions, 0, 7));
            foreach (var rows in new RowRange[] { new(0, 1), new(4, 5), new(12, 1) })
            {
                var alone = shape with { Rows = rows.Count };
                var (aloneDy, aloneX) = (LstmCase.RowsOf(dy, shape, rows, outputs), LstmCase.RowsOf(x, shape, rows, inputs));
                int[] aloneTokens = [.. LstmCase.RowsOf([.. tokens], shape, rows, 1).Select(token => (int)token)];

                LinearGradient(shape, rows, dy, outputs, x, inputs, _device)
                    .ShouldHaveTheBitsOf(LinearGradient(alone, new(0, rows.Count), aloneDy, outputs, aloneX, inputs, _device), $"linear, {rows}");
                EmbeddingGradient(shape, rows, outputs, tokens, dy)
                    .ShouldHaveTheBitsOf(EmbeddingGradient(alone, new(0, rows.Count), outputs, aloneTokens, aloneDy), $"embedding, {rows}");
            }
        }
    }

    [Fact]
    public void Accumulating_a_linear_gradient_is_computing_it_and_adding()
    {
        var draw = new Draw(26);
        foreach (var (T, N, outputs, inputs, rows) in LinearTests.GradientCases())
        {
            var (dy, x) = (draw.Uniform(T * N * outputs), draw.Uniform(T * N * inputs));
            var (kernel, bias) = (draw.Uniform(outputs * inputs), draw.Uniform(outputs));
            using var run = new Operands(_device, Placement.BetweenNotNumbers);
            var (dyOnDevice, xOnDevice) = (run.Numbers("dy", dy), run.Numbers("x", x));
            var (dW, db, sumW, sumB) = (run.Numbers("dW", kernel), run.Numbers("db", bias), run.Numbers("sum W", kernel), run.Numbers("sum b", bias));
            var (freshW, freshB) = (run.Unwritten("fresh W", kernel.Length), run.Unwritten("fresh b", bias.Length));

            _device.LinearGradient(new(T, N), rows, dyOnDevice, outputs, xOnDevice, inputs, dW, db, accumulate: true);
            _device.LinearGradient(new(T, N), rows, dyOnDevice, outputs, xOnDevice, inputs, freshW, freshB, accumulate: false);
            _device.Add(sumW, freshW);
            _device.Add(sumB, freshB);

            run.Read(dW).ShouldHaveTheBitsOf(run.Read(sumW), $"T={T}, N={N}, {outputs} x {inputs}, {rows}");
            run.Read(db).ShouldHaveTheBitsOf(run.Read(sumB), $"T={T}, N={N}, {outputs} x {inputs}, {rows}");
        }
    }

    /// <summary>The rule of <see cref="ILinearOperations"/>, one chain of fused multiply-adds, leaves no freedom: the scalar reference has the same bits.</summary>
    [Theory]
    [MemberData(nameof(TestDevices.CpuWidths), MemberType = typeof(TestDevices))]
    public void Products_have_the_bits_of_the_scalar_chain(string name)
    {
        using var tested = TestDevices.Open(name);
        using var reference = new ReferenceDevice<float>();
        var draw = new Draw(27);
        foreach (var (rows, inner, outer) in LinearTests.Products)
        {
            var (x, w, y, bias) = (draw.Uniform(rows * inner), draw.Uniform(inner * outer), draw.Uniform(rows * outer), draw.Uniform(outer));
            foreach (var (use, hasBias, accumulate) in new[]
                { (MatrixUse.Forward, true, false), (MatrixUse.Forward, false, true), (MatrixUse.Backward, false, false), (MatrixUse.Backward, false, true) })
            {
                double[] Product(IDevice device)
                {
                    using var run = new Operands(device, Placement.BetweenNotNumbers);
                    var (matrixRows, matrixColumns) = use == MatrixUse.Forward ? (outer, inner) : (inner, outer);
                    var product = run.Numbers("y", y);
                    device.Multiply(
                        run.Numbers("x", x), rows, run.Matrix(run.Numbers("W", w), matrixRows, matrixColumns, use), product,
                        hasBias ? run.Numbers("bias", bias) : default, accumulate);
                    return run.Read(product);
                }

                Product(tested).ShouldHaveTheBitsOf(Product(reference), $"{use}, rows={rows}, inner={inner}, outer={outer}, accumulate={accumulate}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.CpuWidths), MemberType = typeof(TestDevices))]
    public void Linear_gradients_have_the_bits_of_the_scalar_chain(string name)
    {
        using var tested = TestDevices.Open(name);
        using var reference = new ReferenceDevice<float>();
        var draw = new Draw(28);
        foreach (var (T, N, outputs, inputs, rows) in LinearTests.GradientCases())
        {
            var (dy, x) = (draw.Uniform(T * N * outputs), draw.Uniform(T * N * inputs));

            LinearGradient(new(T, N), rows, dy, outputs, x, inputs, tested).ShouldHaveTheBitsOf(
                LinearGradient(new(T, N), rows, dy, outputs, x, inputs, reference), $"T={T}, N={N}, {outputs} x {inputs}, {rows}");
        }
    }

    public void Dispose() => _device.Dispose();

    LstmOutcome Run(LstmCase layer)
    {
        using var run = new Operands(_device, Placement.BetweenNotNumbers);
        return layer.On(run);
    }

    LstmNumbers Gradient(LstmCase layer, RowRange rows, bool accumulate)
    {
        using var run = new Operands(_device, Placement.BetweenNotNumbers);
        return layer.On(run, shards: [rows], accumulate: accumulate).WeightGradients.Single();
    }

    static double[] LinearGradient(BatchShape shape, RowRange rows, double[] dy, int outputs, double[] x, int inputs, IDevice device)
    {
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var (dW, db) = (run.Unwritten("dW", outputs * inputs), run.Unwritten("db", outputs));
        device.LinearGradient(shape, rows, run.Numbers("dy", dy), outputs, run.Numbers("x", x), inputs, dW, db, accumulate: false);
        return [.. run.Read(dW), .. run.Read(db)];
    }

    double[] EmbeddingGradient(BatchShape shape, RowRange rows, int width, int[] tokens, double[] dy)
    {
        using var run = new Operands(_device, Placement.BetweenNotNumbers);
        var gradient = run.Unwritten("gradient", 7 * width);
        _device.EmbeddingGradient(shape, rows, width, run.Indices(tokens), run.Numbers("dy", dy), gradient);
        return run.Read(gradient);
    }
}
