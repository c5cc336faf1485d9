namespace LstmCluster.Compute.Tests;

public sealed class ParameterBucketsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(890_000)]
    [InlineData(524_288)]
    [InlineData(524_287)]
    [InlineData(100_000_001)]
    [InlineData(int.MaxValue)]
    public void Buckets_and_parts_cover_the_vector_in_whole_blocks(int length)
    {
        for (var servers = 1; servers <= 9; servers++) ShouldCover(ParameterBuckets.Split(length, servers), length);
        var buckets = ParameterBuckets.Of(length);
        ShouldCover(buckets, length);
        buckets.Count.ShouldBeInRange(1, 64);
        if (buckets.Count > 1) buckets.ShouldAllBe(bucket => bucket.Length >= (1 << 18) - GradientNorm.BlockLength);
    }

    [Fact]
    public void A_part_is_a_run_of_buckets()
    {
        var ends = ParameterBuckets.Of(5_000_000).Select(bucket => bucket.Offset + bucket.Length).ToHashSet();
        ParameterBuckets.Split(5_000_000, 3).ShouldAllBe(part => ends.Contains(part.Offset + part.Length));
    }

    [Fact]
    public void More_servers_than_buckets_get_a_bucket_each_as_far_as_they_go() => ParameterBuckets.Split(600_000, 5).Count.ShouldBe(2);

    static void ShouldCover(IReadOnlyList<ParameterRange> parts, int length)
    {
        var end = 0;
        foreach (var part in parts)
        {
            part.Offset.ShouldBe(end);
            (part.Offset % GradientNorm.BlockLength).ShouldBe(0);
            if (length > 0) part.Length.ShouldBeGreaterThan(0);
            end += part.Length;
        }

        end.ShouldBe(length);
    }
}
