namespace LstmCluster.Compute.Tests;

public class LinearTests
{
    /// <summary>Rows, inner length and columns of a product: each from 1 to 40 beside small ones, then blocks, their edges, and beyond.</summary>
    public static IEnumerable<(int Rows, int Inner, int Outer)> Products =>
        Enumerable.Range(1, 40).Append(100).SelectMany(size => new[] { (size, 5, 17), (3, size, 7), (2, 6, size), (size, 31, 33), (1, size, 9), (1, 8, size), (1, size, size) })
            .Concat([(13, 100, 100), (64, 64, 64), (5, 257, 96), (1, 300, 129), (97, 3, 31), (12, 512, 32), (25, 129, 65)]);

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void A_product_with_a_bias_agrees(string name, Placement placement) => CheckProducts(name, placement, hasBias: true, accumulate: false);

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void A_product_without_a_bias_agrees(string name, Placement placement) => CheckProducts(name, placement, hasBias: false, accumulate: false);

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void An_accumulated_product_agrees(string name, Placement placement) => CheckProducts(name, placement, hasBias: false, accumulate: true);

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void A_matrix_that_is_prepared_again_has_the_new_values(string name)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(1);
        var (x, w, later) = (draw.Uniform(5 * 19), draw.Uniform(23 * 19), draw.Uniform(23 * 19));
        device.ShouldAgreeWithReference(Placement.BetweenNotNumbers, "prepared twice", run =>
        {
            var matrix = run.Matrix(run.Numbers("W", w), 23, 19, MatrixUse.Forward);
            run.Device.Prepare(run.Numbers("later W", later), matrix);
            run.Device.Multiply(run.Numbers("x", x), 5, matrix, run.Unwritten("y", 5 * 23), default, accumulate: false);
        });
    }

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Weight_gradients_of_every_shard_agree(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(2);
        foreach (var (T, N, outputs, inputs, rows) in GradientCases())
        {
            var (dy, x) = (draw.Uniform(T * N * outputs), draw.Uniform(T * N * inputs));
            var (dW, db) = (draw.Uniform(outputs * inputs), draw.Uniform(outputs));
            foreach (var (hasBias, accumulate) in new[] { (true, false), (true, true), (false, false), (false, true) })
            {
                var label = $"T={T}, N={N}, outputs={outputs}, inputs={inputs}, {rows}, bias={hasBias}, accumulate={accumulate}";
                device.ShouldAgreeWithReference(placement, label, run => run.Device.LinearGradient(
                    new(T, N), rows, run.Numbers("dy", dy), outputs, run.Numbers("x", x), inputs,
                    accumulate ? run.Numbers("dW", dW) : run.Unwritten("dW", dW.Length),
                    !hasBias ? default : accumulate ? run.Numbers("db", db) : run.Unwritten("db", db.Length), accumulate));
            }
        }
    }

    /// <summary>Batches, extents and shards: the whole batch, its first row, its last ones, the middle, none.</summary>
    internal static IEnumerable<(int T, int N, int Outputs, int Inputs, RowRange Rows)> GradientCases()
    {
        foreach (var size in Enumerable.Range(1, 40))
        {
            yield return (2, 3, size, 5, new(1, 2));
            yield return (2, 3, 6, size, new(0, 3));
            yield return (size, 1, 9, 17, new(0, 1));
        }

        foreach (var (outputs, inputs) in new[] { (1, 1), (100, 31), (33, 100), (64, 64), (130, 17) })
        {
            yield return (1, 1, outputs, inputs, new(0, 1));
            yield return (5, 13, outputs, inputs, new(0, 13));
            yield return (5, 13, outputs, inputs, new(0, 1));
            yield return (4, 13, outputs, inputs, new(4, 5));
            yield return (40, 7, outputs, inputs, new(6, 1));
            yield return (4, 3, outputs, inputs, new(2, 0));

            // The gradient of a bias alone.
            yield return (5, 7, outputs, 0, new(1, 4));
        }
    }

    static void CheckProducts(string name, Placement placement, bool hasBias, bool accumulate)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(3);
        foreach (var (rows, inner, outer) in Products)
        {
            var (x, w, y, bias) = (draw.Uniform(rows * inner), draw.Uniform(inner * outer), draw.Uniform(rows * outer), draw.Uniform(outer));
            foreach (var use in Enum.GetValues<MatrixUse>())
            {
                var (matrixRows, matrixColumns) = use == MatrixUse.Forward ? (outer, inner) : (inner, outer);
                device.ShouldAgreeWithReference(placement, $"{use}, rows={rows}, inner={inner}, outer={outer}", run => run.Device.Multiply(
                    run.Numbers("x", x), rows, run.Matrix(run.Numbers("W", w), matrixRows, matrixColumns, use),
                    accumulate ? run.Numbers("y", y) : run.Unwritten("y", y.Length), hasBias ? run.Numbers("bias", bias) : default, accumulate));
            }
        }
    }
}
