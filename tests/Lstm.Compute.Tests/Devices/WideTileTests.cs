namespace LstmCluster.Compute.Tests;

/// <summary>Products in the wide tiles that GPUs make large ones of, on the OpenCL device with the kernels that GPUs get: they have the bits of small tiles.</summary>
public class WideTileTests
{
    public static TheoryData<string, ComputePrecision> All => [.. PrecisionDevices.GpuForms];

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(All))]
    public void A_product_has_the_bits_of_small_tiles(string name, ComputePrecision precision)
    {
        var draw = new Draw(61);

        // Whole tiles and parts of one, whole blocks of the inner index and parts of one, rows that begin at whole vectors and others.
        foreach (var (rows, inner, outer) in new[] { (128, 32, 64), (129, 37, 66), (257, 64, 68), (60, 7, 131), (1, 1, 1), (130, 16, 63) })
        {
            var (x, w, bias, y) = (draw.Uniform(rows * inner), draw.Uniform(outer * inner), draw.Uniform(outer), draw.Uniform(rows * outer));
            foreach (var accumulate in new[] { false, true })
            {
                HaveTheSameBits(name, precision, $"rows={rows}, inner={inner}, outer={outer}, accumulate={accumulate}", run => run.Device.Multiply(
                    run.Numbers("x", x), rows, run.Matrix(run.Numbers("W", w), outer, inner, MatrixUse.Forward), run.Numbers("y", y), run.Numbers("bias", bias),
                    accumulate));
            }
        }
    }

    /// <summary>Time in segments from the last to the first or the other way round, a shard among others, and what becomes of the target.</summary>
    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(All))]
    public void A_weight_gradient_has_the_bits_of_small_tiles(string name, ComputePrecision precision)
    {
        var draw = new Draw(62);
        foreach (var (steps, rows, units, inputs, shard) in new[] { (5, 3, 130, 64, new RowRange(0, 3)), (70, 2, 68, 37, new RowRange(1, 1)), (1, 1, 3, 5, new RowRange(0, 1)) })
        {
            var (x, h, da) = (draw.Uniform(steps * rows * inputs), draw.Uniform((steps + 1) * rows * units), draw.Uniform(steps * rows * units));
            var sums = draw.Uniform(units * (inputs + units + 1));
            foreach (var sum in Enum.GetValues<Summation>())
            {
                foreach (var reverse in new[] { false, true })
                {
                    HaveTheSameBits(name, precision, $"T={steps}, units={units}, inputs={inputs}, {sum}, reverse={reverse}", run =>
                    {
                        var target = run.Numbers("gradient", sums);
                        run.Device.RnnWeightGradient(
                            new RecurrentShape(steps, rows, inputs, units) { Reverse = reverse }, shard, new(run.Numbers("x", x), run.Numbers("h", h)),
                            new(run.Numbers("da", da), default, run.Numbers("dh", new double[rows * units])),
                            new(target.Slice(0, units * inputs), target.Slice(units * inputs, units * units), target.Slice(units * (inputs + units), units)), sum);
                    });
                }
            }
        }
    }

    static void HaveTheSameBits(string name, ComputePrecision precision, string label, Action<Operands> operation)
    {
        foreach (var ((operand, wanted), (_, found)) in Outcome(int.MaxValue).Zip(Outcome(leastWideTiles: 1))) found.ShouldHaveTheBitsOf(wanted, $"{label}, {operand}");

        List<(string Name, double[] Values)> Outcome(int leastWideTiles)
        {
            using var device = PrecisionDevices.OpenForm(name, leastWideTiles);
            device.Use(precision);
            using var run = new Operands(device, Placement.BetweenNotNumbers);
            operation(run);
            return [.. run.ReadAll()];
        }
    }
}
