namespace LstmCluster.Compute.Tests;

/// <summary>Recurrent weight gradients as sums over time: in segments of 64 steps, in the order of back-propagation, each one chain.</summary>
public class TimeSegmentTests
{
    const int Rows = 2, Inputs = 3, Units = 5;

    static readonly RowRange Shard = new(0, Rows);

    public static TheoryData<string, Placement, int, bool> Cases =>
    [
        .. from placed in TestDevices.Placed
           from steps in new[] { 1, 63, 64, 65, 128, 129, 200 }
           from reverse in new[] { false, true }
           select (placed.Data.Item1, placed.Data.Item2, steps, reverse),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_element_is_one_chain_over_the_segments(string name, Placement placement, int steps, bool reverse)
    {
        using var device = TestDevices.Open(name);
        using var operands = new Operands(device, placement);
        var (shape, draw) = (new RecurrentShape(steps, Rows, Inputs, Units) { Reverse = reverse }, new Draw(steps));
        var (x, h, da) = (draw.Uniform(steps * Rows * Inputs), draw.Uniform((steps + 1) * Rows * Units), draw.Uniform(steps * Rows * Units));
        var sums = draw.Uniform(Units * (Inputs + Units + 1));

        foreach (var sum in Enum.GetValues<Summation>())
        {
            var gradient = operands.Numbers($"{sum}", sums);
            Run(new TimeWindow(0, steps), gradient, sum);
            operands.Read(gradient).ShouldHaveTheBitsOf(Chains(sum), $"{sum}");
        }

        var inParts = operands.Unwritten("in parts", sums.Length);
        for (var turn = 0; turn < TimeSegments.Count(steps); turn++)
            Run(TimeSegments.At(turn, steps, reverse), inParts, turn == 0 ? Summation.Write : Summation.Continue);
        operands.Read(inParts).ShouldHaveTheBitsOf(Chains(Summation.Write), "in parts");

        void Run(TimeWindow window, DeviceSpan gradient, Summation sum)
        {
            double[] Of(double[] values, int width, int extra = 0) => values[(window.First * Rows * width)..((window.End + extra) * Rows * width)];
            device.RnnWeightGradient(
                shape with { Steps = window.Count }, Shard, new(operands.Numbers("x", Of(x, Inputs)), operands.Numbers("h", Of(h, Units, extra: 1))),
                new(operands.Numbers("da", Of(da, Units)), default, operands.Numbers("dh", new double[Rows * Units])),
                new(gradient.Slice(0, Units * Inputs), gradient.Slice(Units * Inputs, Units * Units), gradient.Slice(Units * (Inputs + Units), Units)), sum);
        }

        double[] Chains(Summation sum)
        {
            var before = reverse ? h[(Rows * Units)..] : h;
            return
            [
                .. from unit in Enumerable.Range(0, Units) from input in Enumerable.Range(0, Inputs) select Chain((unit * Inputs) + input, unit, x, Inputs, input),
                .. from unit in Enumerable.Range(0, Units) from other in Enumerable.Range(0, Units) select Chain((Units * Inputs) + (unit * Units) + other, unit, before, Units, other),
                .. from unit in Enumerable.Range(0, Units) select Chain((Units * (Inputs + Units)) + unit, unit, [.. Enumerable.Repeat(1.0, steps * Rows)], 1, 0),
            ];

            double Chain(int index, int unit, double[] right, int width, int column)
            {
                var chain = sum == Summation.Continue ? (float)sums[index] : 0f;
                foreach (var position in Order())
                    chain = MathF.FusedMultiplyAdd((float)da[(position * Units) + unit], (float)right[(position * width) + column], chain);
                return sum == Summation.Add ? (float)sums[index] + chain : chain;
            }
        }

        // Written out: the last 64 steps' segment first, or the first one first in reverse direction.
        IEnumerable<int> Order() =>
            from first in (int[])[.. reverse ? Firsts() : Firsts().Reverse()]
            from position in Enumerable.Range(first * Rows, Math.Min(64, steps - first) * Rows)
            select position;

        IEnumerable<int> Firsts() => Enumerable.Range(0, (steps + 63) / 64).Select(segment => segment * 64);
    }
}
