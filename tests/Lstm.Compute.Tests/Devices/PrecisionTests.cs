namespace LstmCluster.Compute.Tests;

/// <summary>Products whose operands are rounded, against a reference that rounds the same operands and is exact otherwise.</summary>
public class PrecisionTests
{
    static readonly ComputePrecision[] s_rounded = [ComputePrecision.Tf32, ComputePrecision.Bf16];

    /// <summary>Every precision on kernels for GPUs; the other devices' own tests check single precision.</summary>
    public static TheoryData<string, ComputePrecision> All =>
    [
        .. from name in TestDevices.AllNames from precision in s_rounded select new TheoryDataRow<string, ComputePrecision>(name, precision),
        .. PrecisionDevices.GpuForms,
    ];

    /// <summary>Those that round.</summary>
    public static TheoryData<string, ComputePrecision> Rounded => [.. All.Where(row => s_rounded.Contains(row.Data.Item2))];

    [Theory]
    [MemberData(nameof(All))]
    public void Products_agree(string name, ComputePrecision precision)
    {
        using var device = PrecisionDevices.Open(name);
        var draw = new Draw(51);
        (int Rows, int Inner, int Outer)[] shapes = [.. LinearTests.Products.Where((_, index) => index % 7 == 0), (33, 65, 40), (64, 64, 64), (70, 31, 130), (1, 300, 129)];
        foreach (var (rows, inner, outer) in shapes)
        {
            var (x, w, y, bias) = (draw.Uniform(rows * inner), draw.Uniform(inner * outer), draw.Uniform(rows * outer), draw.Uniform(outer));
            foreach (var use in Enum.GetValues<MatrixUse>())
            {
                foreach (var accumulate in new[] { false, true })
                {
                    var (matrixRows, matrixColumns) = use == MatrixUse.Forward ? (outer, inner) : (inner, outer);
                    Agrees(device, precision, $"{use}, rows={rows}, inner={inner}, outer={outer}, accumulate={accumulate}", run => run.Device.Multiply(
                        run.Numbers("x", x), rows, run.Matrix(run.Numbers("W", w), matrixRows, matrixColumns, use),
                        accumulate ? run.Numbers("y", y) : run.Unwritten("y", y.Length), run.Numbers("bias", bias), accumulate));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Weight_gradients_agree(string name, ComputePrecision precision)
    {
        using var device = PrecisionDevices.Open(name);
        var draw = new Draw(52);
        foreach (var (T, N, outputs, inputs, rows) in LinearTests.GradientCases().Where((_, index) => index % 5 == 0))
        {
            var (dy, x, dW, db) = (draw.Uniform(T * N * outputs), draw.Uniform(T * N * inputs), draw.Uniform(outputs * inputs), draw.Uniform(outputs));
            foreach (var accumulate in new[] { false, true })
            {
                Agrees(device, precision, $"T={T}, N={N}, outputs={outputs}, inputs={inputs}, {rows}, accumulate={accumulate}", run => run.Device.LinearGradient(
                    new(T, N), rows, run.Numbers("dy", dy), outputs, run.Numbers("x", x), inputs, run.Numbers("dW", dW), run.Numbers("db", db), accumulate));
            }
        }
    }

    /// <summary>What a step computes is rounded for the next: a number beside a tie may fall to the other side, so most agree as ever and none is far off.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Recurrent_layers_agree(string name, ComputePrecision precision)
    {
        using var device = PrecisionDevices.Open(name);
        var errors = new List<double>();
        foreach (var options in LstmVariants.InBothDirections)
        {
            var layer = new LstmCase(new(4, 5, 7, 33) { Options = options }, seed: 53);
            Compare(run => layer.On(run, shards: [new(0, 2), new(2, 3)]));
            Compare(run => layer.Ragged(seed: 54).On(run, shards: [new(0, 5)], accumulate: true));
        }

        foreach (var kind in Enum.GetValues<RecurrentKind>())
        {
            var layer = new RecurrentCase(kind, new(4, 5, 7, 33), seed: 55);
            Compare(run => layer.On(run, shards: [new(0, 2), new(2, 3)]));
            Compare(run => layer.Ragged(seed: 56).On(run, shards: [new(0, 5)]));
        }

        errors.Max().ShouldBeLessThan(precision switch { ComputePrecision.Bf16 => 3e-2, ComputePrecision.Tf32 => 4e-3, _ => Agreement.Tolerance });
        errors.Order().ElementAt(errors.Count * 3 / 4).ShouldBeLessThan(Agreement.Tolerance);

        void Compare(Action<Operands> operation)
        {
            using var reference = new ReferenceDevice<double>();
            reference.Use(precision);
            device.Use(precision);
            using var expected = new Operands(reference, Placement.BetweenNotNumbers);
            using var actual = new Operands(device, Placement.BetweenNotNumbers);
            operation(expected);
            operation(actual);
            foreach (var ((operand, wanted), (_, found)) in expected.ReadAll().Zip(actual.ReadAll()))
            {
                if (wanted.Length == 0 || wanted.All(value => !double.IsFinite(value))) continue;
                var scale = Math.Max(0.1, wanted.Where(double.IsFinite).Max(Math.Abs));
                foreach (var (exact, value) in wanted.Zip(found))
                {
                    if (double.IsFinite(exact)) errors.Add(double.IsFinite(value) ? Math.Abs(exact - value) / scale : double.PositiveInfinity);
                    else value.ShouldBe(exact, operand);
                }
            }
        }
    }

    /// <summary>Weight gradients of a pass in windows of time go on where the later window's stopped.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Sums_in_windows_of_time_have_the_bits_of_whole_ones(string name, ComputePrecision precision)
    {
        using var device = PrecisionDevices.Open(name);
        device.Use(precision);
        using var operands = new Operands(device, Placement.BetweenNotNumbers);
        const int rows = 3, inputs = 5, units = 34;
        foreach (var (steps, reverse) in new[] { (200, false), (200, true), (129, false), (64, false), (70, true) })
        {
            var draw = new Draw(steps);
            var (x, h, da) = (draw.Uniform(steps * rows * inputs), draw.Uniform((steps + 1) * rows * units), draw.Uniform(steps * rows * units));
            var (whole, inParts) = (operands.Unwritten("whole", units * (inputs + units + 1)), operands.Unwritten("in parts", units * (inputs + units + 1)));
            Run(new TimeWindow(0, steps), whole, Summation.Write);
            for (var turn = 0; turn < TimeSegments.Count(steps); turn++)
                Run(TimeSegments.At(turn, steps, reverse), inParts, turn == 0 ? Summation.Write : Summation.Continue);
            operands.Read(inParts).ShouldHaveTheBitsOf(operands.Read(whole), $"{steps} steps, reverse={reverse}");

            void Run(TimeWindow window, DeviceSpan gradient, Summation sum)
            {
                double[] Of(double[] values, int width, int extra = 0) => values[(window.First * rows * width)..((window.End + extra) * rows * width)];
                device.RnnWeightGradient(
                    new RecurrentShape(window.Count, rows, inputs, units) { Reverse = reverse }, new(1, 2),
                    new(operands.Numbers("x", Of(x, inputs)), operands.Numbers("h", Of(h, units, extra: 1))),
                    new(operands.Numbers("da", Of(da, units)), default, operands.Numbers("dh", new double[rows * units])),
                    new(gradient.Slice(0, units * inputs), gradient.Slice(units * inputs, units * units), gradient.Slice(units * (inputs + units), units)), sum);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Rounded))]
    public void What_is_no_product_with_a_matrix_of_weights_keeps_its_bits(string name, ComputePrecision precision)
    {
        using var device = PrecisionDevices.Open(name);
        var draw = new Draw(57);
        var (dy, losses) = (draw.Uniform(7 * 19), draw.Uniform(3 * 11));
        var single = Outcome(ComputePrecision.Fp32);
        foreach (var (found, wanted) in Outcome(precision).Zip(single)) found.ShouldHaveTheBitsOf(wanted, $"{precision}");

        List<double[]> Outcome(ComputePrecision used)
        {
            device.Use(used);
            using var run = new Operands(device, Placement.BetweenNotNumbers);
            var bias = run.Unwritten("db", 19);
            device.LinearGradient(new(1, 7), new(0, 7), run.Numbers("dy", dy), 19, default, 0, default, bias, accumulate: false);
            var (logits, found) = (run.Numbers("logits", losses), run.Unwritten("losses", 3));
            device.SoftmaxCrossEntropy(logits, 11, run.Indices(0, 5, 10), 3, found, gradient: true);
            var attention = new AttentionCase(new AttentionShape(2, 3, 4, 5, 6) { Score = AttentionScore.Dot }, seed: 58);
            attention.On(run);
            return [run.Read(bias), run.Read(logits), run.Read(found), .. run.ReadAll().Select(operand => operand.Values)];
        }
    }

    /// <summary>Operands of products and what they become: a tie goes where the definition says, and what is too large becomes infinite.</summary>
    [Theory]
    [MemberData(nameof(Rounded))]
    public void An_operand_is_rounded_as_the_definition_says(string name, ComputePrecision precision)
    {
        using var device = PrecisionDevices.Open(name);
        device.Use(precision);
        uint[] bits =
        [
            .. from upper in new uint[] { 0x3F80_0000, 0x3F81_0000, 0xBF80_2000, 0x3F80_4000, 0x0080_0000, 0x7F7F_0000, 0x7F00_0000 }
               from lower in new uint[] { 0, 1, 0xFFF, 0x1000, 0x1001, 0x3000, 0x7FFF, 0x8000, 0x8001, 0xFFFF }
               select upper + lower,
        ];
        var operands = Array.ConvertAll(bits, BitConverter.UInt32BitsToSingle);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var y = run.Unwritten("y", operands.Length);
        var one = run.Matrix(run.Numbers("W", [1.0]), 1, 1, MatrixUse.Forward);
        device.Multiply(run.Numbers("x", [.. operands.Select(x => (double)x)]), operands.Length, one, y, default, accumulate: false);
        run.Read(y).ShouldBe([.. operands.Select(x => (double)precision.Round(x))]);

        var row = run.Unwritten("row", operands.Length);
        var matrix = run.Matrix(run.Numbers("weights", [.. operands.Select(x => (double)x)]), operands.Length, 1, MatrixUse.Forward);
        device.Multiply(run.Numbers("one", [1.0]), 1, matrix, row, default, accumulate: false);
        run.Read(row).ShouldBe([.. operands.Select(x => (double)precision.Round(x))]);
    }

    static void Agrees(IDevice device, ComputePrecision precision, string label, Action<Operands> operation) =>
        device.ShouldAgreeWithReference(Placement.BetweenNotNumbers, $"{precision}, {label}", operation, precision: precision);
}
