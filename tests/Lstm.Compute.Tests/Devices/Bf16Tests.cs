namespace LstmCluster.Compute.Tests;

public class Bf16Tests
{
    /// <summary>Every upper half with lower halves around the tie.</summary>
    static IEnumerable<float> Numbers =>
        from upper in Enumerable.Range(0, 1 << 16)
        from lower in new uint[] { 0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF }
        select BitConverter.UInt32BitsToSingle(((uint)upper << 16) | lower);

    [Fact]
    public void A_number_becomes_the_nearest_of_its_neighbours_and_a_tie_the_even_one()
    {
        foreach (var number in Numbers.Where(float.IsFinite))
        {
            var bits = BitConverter.SingleToUInt32Bits(number);
            var (toZero, away) = (Whole(bits & 0xFFFF_0000), Whole((bits & 0xFFFF_0000) + 0x1_0000));
            var (below, above) = (Math.Abs(number - toZero), Math.Abs(away - number));
            var even = ((bits >> 16) & 1) == 0;
            var nearest = below < above || (below == above && even) ? toZero : away;
            Bf16.Round(number).ShouldBe((float)nearest, $"{bits:x8}");
        }

        // Beyond the largest finite number stands what would be next, so that it rounds like any other.
        static double Whole(uint bits) => (bits & 0x7FFF_FFFF) == 0x7F80_0000
            ? Math.CopySign(Math.ScaleB(1, 128), BitConverter.UInt32BitsToSingle(bits))
            : BitConverter.UInt32BitsToSingle(bits);
    }

    [Fact]
    public void NaN_and_infinities_stay_what_they_are()
    {
        foreach (var number in Numbers.Where(number => !float.IsFinite(number)))
        {
            var rounded = Bf16.Round(number);
            if (float.IsNaN(number)) float.IsNaN(rounded).ShouldBeTrue();
            else rounded.ShouldBe(number);
        }
    }

    [Fact]
    public void A_row_of_numbers_has_the_bits_of_each_alone_whatever_its_length()
    {
        var numbers = Numbers.ToArray();
        var alone = Array.ConvertAll(numbers, number => BitConverter.SingleToUInt32Bits(Bf16.Round(number)));
        for (var first = 0; first < numbers.Length - 100; first += 4999)
        {
            for (var length = 0; length < 70; length++)
            {
                var row = numbers.AsSpan(first, length).ToArray();
                var halves = new ushort[length];
                Bf16.Narrow(row, halves);
                Bf16.Round(row);
                var widened = new float[length];
                Bf16.Widen(halves, widened);

                Array.ConvertAll(row, BitConverter.SingleToUInt32Bits).ShouldBe(alone[first..(first + length)]);
                Array.ConvertAll(widened, BitConverter.SingleToUInt32Bits).ShouldBe(alone[first..(first + length)]);
            }
        }
    }

    [Fact]
    public void Rows_of_different_lengths_are_refused()
    {
        Should.Throw<ArgumentException>(() => Bf16.Narrow(new float[3], new ushort[2]));
        Should.Throw<ArgumentException>(() => Bf16.Widen(new ushort[3], new float[2]));
    }
}
