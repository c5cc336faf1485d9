namespace LstmCluster.Compute.Tests;

public class Tf32Tests
{
    /// <summary>Every kept part of some exponents, the smallest and largest among them, with what is cut off around the tie.</summary>
    static IEnumerable<float> Numbers =>
        from exponent in new uint[] { 0, 1, 2, 100, 126, 127, 128, 253, 254, 255 }
        from sign in new uint[] { 0, 0x8000_0000 }
        from mantissa in Enumerable.Range(0, 1 << 10)
        from lower in new uint[] { 0, 1, 0xFFF, 0x1000, 0x1001, 0x1FFF }
        select BitConverter.UInt32BitsToSingle(sign | (exponent << 23) | ((uint)mantissa << 13) | lower);

    [Fact]
    public void A_number_becomes_the_nearest_of_its_neighbours_and_a_tie_the_one_away_from_zero()
    {
        foreach (var number in Numbers.Where(float.IsFinite))
        {
            var bits = BitConverter.SingleToUInt32Bits(number);
            var (toZero, away) = (Whole(bits & 0xFFFF_E000), Whole((bits & 0xFFFF_E000) + 0x2000));
            var nearest = Math.Abs(number - toZero) < Math.Abs(away - number) ? toZero : away;
            Tf32.Round(number).ShouldBe((float)nearest, $"{bits:x8}");
        }

        // Beyond the largest finite number stands what would be next, so that it rounds like any other.
        static double Whole(uint bits) => (bits & 0x7FFF_FFFF) == 0x7F80_0000
            ? Math.CopySign(Math.ScaleB(1, 128), BitConverter.UInt32BitsToSingle(bits))
            : BitConverter.UInt32BitsToSingle(bits);
    }

    [Fact]
    public void NaN_and_infinities_stay_what_they_are()
    {
        foreach (var number in Numbers.Append(BitConverter.UInt32BitsToSingle(0x7FFF_FFFF)).Where(number => !float.IsFinite(number)))
        {
            var rounded = Tf32.Round(number);
            if (float.IsNaN(number)) float.IsNaN(rounded).ShouldBeTrue();
            else rounded.ShouldBe(number);
        }
    }

    [Fact]
    public void A_row_of_numbers_has_the_bits_of_each_alone_whatever_its_length()
    {
        var numbers = Numbers.ToArray();
        for (var first = 0; first < numbers.Length - 100; first += 4999)
        {
            for (var length = 0; length < 70; length++)
            {
                var row = numbers.AsSpan(first, length).ToArray();
                var alone = Array.ConvertAll(row, number => BitConverter.SingleToUInt32Bits(Tf32.Round(number)));
                Tf32.Round(row);
                Array.ConvertAll(row, BitConverter.SingleToUInt32Bits).ShouldBe(alone);
            }
        }
    }
}
