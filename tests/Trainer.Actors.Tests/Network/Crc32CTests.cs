using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Actors.Tests;

public sealed class Crc32CTests
{
    [Fact]
    public void The_check_value_of_the_standard_comes_out() => Crc32C.Of("123456789"u8).ShouldBe(0xE3069283u);

    [Fact]
    public void Thirty_two_zeros_of_RFC_3720_come_out() => Crc32C.Of(new byte[32]).ShouldBe(0x8A9136AAu);

    [Fact]
    public void Lanes_and_single_bytes_agree_for_all_lengths_and_starts() => Prop.ForAll(
        Gen.Choose(0, 120_000).SelectMany(length => Gen.Choose(0, 8).Select(start => (length, start))).ToArbitrary(),
        input =>
        {
            var bytes = new byte[input.length + input.start];
            new Random(input.length).NextBytes(bytes);
            var part = bytes.AsSpan(input.start);
            return Crc32C.Of(part) == Crc32C.Plain(part);
        }).QuickCheckThrowOnFailure();
}
