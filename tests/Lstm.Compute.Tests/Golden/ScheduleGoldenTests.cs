namespace LstmCluster.Compute.Tests;

public class ScheduleGoldenTests
{
    static readonly GoldenFile Golden = new("schedules");

    public static TheoryData<string, Schedule> Schedules => new()
    {
        { "constant", new ConstantSchedule() },
        { "cosine", new CosineSchedule(Golden.Integer("cosineSteps")) },
        { "cosineFloor", new CosineSchedule(Golden.Integer("cosineSteps"), Floor: Golden.Number("floor")) },
        { "step", new StepSchedule(Golden.Integer("stepEvery"), Golden.Number("stepFactor")) },
        { "warmUp", new WarmUpSchedule(Golden.Integer("warmUp")) },
    };

    [Theory]
    [MemberData(nameof(Schedules), DisableDiscoveryEnumeration = true)]
    public void Rates_are_those_of_PyTorch(string name, Schedule schedule)
    {
        var wanted = Golden.Numbers(name);

        Agreement.ShouldBeClose([.. wanted.Select((_, index) => schedule.FactorAt(index + 1))], wanted, 1e-12, name);
    }

    [Fact]
    public void A_cosine_after_a_warm_up_is_the_one_then_the_other()
    {
        var (both, growing, falling) = (new CosineSchedule(60, WarmUp: 10, Floor: 0.2), new WarmUpSchedule(10), new CosineSchedule(50, Floor: 0.2));

        for (var step = 1; step <= 80; step++)
            both.FactorAt(step).ShouldBe(step <= 10 ? growing.FactorAt(step) : falling.FactorAt(step - 10), 1e-15, $"step {step}");
        both.FactorAt(61).ShouldBe(0.2, 1e-15);
        both.FactorAt(80).ShouldBe(0.2, 1e-15);
    }
}
