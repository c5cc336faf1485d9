namespace LstmCluster.Compute.Tests;

public class DropoutTests
{
    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Every_device_drops_the_same_elements(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(18);
        foreach (var (T, N, width, rate) in Cases())
        {
            var x = draw.Uniform(T * N * width);
            var keys = draw.Integers(2 * N, int.MinValue, int.MaxValue);
            var mask = new DropoutMask(rate, Philox.KeyOf(42, width), Stream: (uint)T);
            device.ShouldAgreeWithReference(placement, $"T={T}, N={N}, width={width}, rate={rate}", run => run.Device.Dropout(
                mask, new(T, N), run.Indices(keys), width, run.Numbers("x", x), run.Unwritten("y", x.Length)), 1e-7);
            device.ShouldAgreeWithReference(placement, $"in place, T={T}, N={N}, width={width}, rate={rate}", run =>
            {
                var both = run.Numbers("x", x);
                run.Device.Dropout(mask, new(T, N), run.Indices(keys), width, both, both);
            }, 1e-7);
        }
    }

    /// <summary>The definition in <see cref="DropoutMask"/>, spelled out for four neighbours of one block.</summary>
    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void The_words_of_one_block_decide_four_neighbours(string name)
    {
        using var device = TestDevices.Open(name);
        var mask = new DropoutMask(0.5f, 0x0123456789ABCDEF, Stream: 9);
        uint[] words = [4, 77, 3, 9];
        Philox.Block(mask.Key, ref words[0], ref words[1], ref words[2], ref words[3]);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var ones = run.Numbers("x", [.. Enumerable.Repeat(1.0, 2 * 10)]);

        device.Dropout(mask, new(2, 1), run.Indices(3, 77), 10, ones, ones);

        // Elements 16 to 19 of the row are units 6 to 9 of its second step.
        run.Read(ones)[16..].ShouldBe(words.Select(word => word >= 0x80000000 ? 2.0 : 0));
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void A_window_of_time_has_the_masks_of_its_place_in_the_batch(string name)
    {
        using var device = TestDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        const int steps = 7, rows = 3;
        foreach (var width in new[] { 1, 5, 8, 33 })
        {
            var (mask, keys) = (new DropoutMask(0.4f, 12, 3), run.Indices(new Draw(width).Integers(2 * rows, 0, 100)));
            double[] ones = [.. Enumerable.Repeat(1.0, steps * rows * width)];
            var (whole, windows) = (run.Numbers("whole", ones), run.Numbers("windows", ones));
            device.Dropout(mask, new(steps, rows), keys, width, whole, whole);
            foreach (var (first, count) in new[] { (0, 2), (2, 1), (3, 4) })
            {
                var window = windows.Slice(first * rows * width, count * rows * width);
                device.Dropout(mask with { FirstStep = first }, new(count, rows), keys, width, window, window);
            }

            run.Read(windows).ShouldBe(run.Read(whole));
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void The_share_of_zeros_is_the_rate(string name)
    {
        using var device = TestDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        const int count = 100_000;
        foreach (var rate in new[] { 0.1f, 0.5f, 0.9f })
        {
            var x = run.Numbers("x", [.. Enumerable.Repeat(1.0, count)]);
            device.Dropout(new(rate, 1, 2), new(100, 10), run.Indices(new Draw(19).Integers(20, 0, 100)), 100, x, x);

            // Six standard deviations of a binomial share.
            (run.Read(x).Count(value => value == 0) / (double)count).ShouldBe(rate, 6 * Math.Sqrt(rate * (1 - rate) / count));
        }
    }

    static IEnumerable<(int T, int N, int Width, float Rate)> Cases() =>
        Enumerable.Range(1, 40).SelectMany(width => new[] { (3, 2, width, 0.3f), (1, 1, width, 0.5f) })
            .Concat([(5, 13, 100, 0.2f), (2, 3, 257, 0.9f), (3, 4, 33, 0f), (3, 4, 33, 0.999f), (7, 1, 1, 0.5f)]);
}
