namespace LstmCluster.Compute.Tests;

public class PortableMathTests
{
    [Fact]
    public void The_exponential_is_that_of_the_library_within_four_roundings()
    {
        var draw = new Random(50);
        foreach (var x in Enumerable.Range(0, 20_000).Select(_ => (draw.NextDouble() * 1400) - 700).Concat([0, 1, -1, 1e-300, 0.34657359, -0.34657359, 700, -700]))
            (Math.Abs(PortableMath.Exp(x) - Math.Exp(x)) / Math.Exp(x)).ShouldBeLessThan(1e-15, $"exp({x:R})");
    }

    [Fact]
    public void The_exponential_has_its_limits()
    {
        PortableMath.Exp(-701).ShouldBe(0);
        PortableMath.Exp(double.NegativeInfinity).ShouldBe(0);
        double.IsNaN(PortableMath.Exp(double.NaN)).ShouldBeTrue();
        Should.Throw<ArgumentOutOfRangeException>(() => PortableMath.Exp(701));
    }
}
