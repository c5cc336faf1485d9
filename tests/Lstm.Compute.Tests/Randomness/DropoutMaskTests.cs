namespace LstmCluster.Compute.Tests;

public class DropoutMaskTests
{
    /// <summary>A threshold of 32 bits cannot say "always", so the rate itself does.</summary>
    [Theory]
    [InlineData(1f, uint.MaxValue, true)]
    [InlineData(1f, 0u, true)]
    [InlineData(0.99999994f, uint.MaxValue, false)]
    [InlineData(0.5f, 0x7FFFFFFFu, true)]
    [InlineData(0.5f, 0x80000000u, false)]
    [InlineData(0f, 0u, false)]
    public void Sampling_replaces_as_often_as_its_rate_says_and_at_rate_one_always(float rate, uint word, bool replaces) =>
        new DropoutMask(rate, 0, 0).Replaces(word).ShouldBe(replaces);
}
