using LstmCluster.Cli.Display;

namespace Trainer.Cli.Tests;

public class NumbersTests
{
    [Theory]
    [InlineData(0, "0.0000")]
    [InlineData(2.93e-5, "2.9E-5")]
    [InlineData(-0.00099, "-9.9E-4")]
    [InlineData(0.001, "0.0010")]
    [InlineData(5.28121, "5.2812")]
    [InlineData(196.63, "196.6")]
    [InlineData(2_350_000, "2.35E+006")]
    public void A_loss_has_digits_that_say_something(double value, string shown) => Numbers.Loss(value).ShouldBe(shown);

    [Theory]
    [InlineData(1, "1 row")]
    [InlineData(0, "0 rows")]
    [InlineData(1234, "1,234 rows")]
    public void One_is_no_plural(double count, string shown) => Numbers.Count(count, "row").ShouldBe(shown);
}
