using System.Text.Json;

namespace Trainer.Cli.Tests;

/// <summary>
/// The examples over numbers, to the bars of docs/tasks; births by a smaller model in fewer steps, to a bar that it passes with room, unless <c>LSTM_CLUSTER_WHOLE_EXAMPLES=1</c> asks for the example as it is,
/// which takes a minute.
/// </summary>
[Trait("Category", "Slow")]
public sealed class SeriesExampleTests
{
    static readonly bool s_whole = Environment.GetEnvironmentVariable("LSTM_CLUSTER_WHOLE_EXAMPLES") == "1";

    [Fact]
    public async Task The_adding_problem_is_solved_in_2559_of_2560_sequences()
    {
        var figures = await TrainAndEvaluateAsync("adding-problem");

        var within = figures.GetProperty("tolerance");
        within.Number("tolerance").ShouldBe(0.04);
        within.Whole("sequences").ShouldBe(2560);
        within.Whole("right_sequences").ShouldBeGreaterThanOrEqualTo(2559);
    }

    [Fact]
    public async Task One_cell_keeps_time_for_a_thousand_periods_with_peepholes_and_not_without()
    {
        var seeing = (await TrainAndEvaluateAsync("periodic")).GetProperty("tolerance");
        seeing.Whole("numbers").ShouldBe(10_000);
        seeing.Whole("right_numbers").ShouldBe(10_000);

        var blind = (await TrainAndEvaluateAsync("periodic", "model.layers[0].lstm.peephole=false", "seed=1")).GetProperty("tolerance");
        blind.Whole("right_numbers").ShouldBeLessThan(9_000);
    }

    [Fact]
    public async Task Disturbed_sensors_stand_out_at_least_as_much_as_by_the_difference_from_the_reading_before()
    {
        var series = (await TrainAndEvaluateAsync("sensor-anomalies")).GetProperty("anomalies").EnumerateArray().ToDictionary(one => one.Text("series"));

        series["1"].Number("roc_auc").ShouldBeGreaterThanOrEqualTo(0.982);
        series["3"].Number("roc_auc").ShouldBeGreaterThanOrEqualTo(0.991);
        series.Values.ShouldAllBe(one => one.Number("false_alarms_per_thousand") < 50);
        series["2"].TryGetProperty("roc_auc", out _).ShouldBeFalse("nothing of it is labelled");
    }

    [Fact]
    public async Task Births_are_told_better_than_by_repeating_the_last_week()
    {
        var births = (await TrainAndEvaluateAsync("us-births", s_whole ? [] : ["training.steps=400", "model.layers=[lstm: { units: 32, bidirectional: concatenate }]"])).GetProperty("columns")[0];

        (births.Number("mae") / births.Number("seasonal_naive_mae")).ShouldBeLessThanOrEqualTo(s_whole ? 0.6 : 0.75);
        births.Number("seasonal_naive_mae").ShouldBe(348.8, 0.05, "the same days as ever");
    }

    /// <summary>Trains an example, from where its relative paths lead, and judges it on the test.</summary>
    static async Task<JsonElement> TrainAndEvaluateAsync(string example, params string[] changes)
    {
        using var workspace = new Workspace();
        var trained = await Command.RunAsync(
            Repository.Root, ["train", $"examples/{example}.yaml", "--json", "--run", workspace["run"], .. changes.SelectMany(change => new[] { "--set", change })]);
        trained.ExitCode.ShouldBe(0, trained.Errors);
        var judged = await Command.RunAsync(Repository.Root, ["eval", workspace["run"], "--json", "--part", "test"]);
        judged.ExitCode.ShouldBe(0, judged.Errors);
        return judged.Last;
    }
}
