using System.Text.Json;

namespace Trainer.Cli.Tests;

public sealed class LstmBenchmarkTests
{
    static readonly string[] s_fields =
        ["T", "N", "D", "H", "variant", "slots", "forward_ms", "backward_ms", "gflops", "peak_gflops", "fraction", "allocated_bytes",
            "activation_bytes", "working_bytes"];

    [Theory]
    [InlineData("plain", 4, 7, 1, 0)]
    [InlineData("peephole", 4, 7, 1, 0)]
    [InlineData("layer-norm", 4, 7, 1, 0)]
    [InlineData("recurrent-dropout", 4, 7, 1, 0)]
    [InlineData("zoneout", 4, 7, 1, 0)]
    [InlineData("projection", 4, 3, 1, 7 * 3)]
    [InlineData("coupled", 3, 7, 1, 0)]
    [InlineData("bidirectional", 4, 7, 2, 0)]
    [InlineData("gru", 3, 7, 1, 0)]
    [InlineData("rnn", 1, 7, 1, 0)]
    public async Task Every_variant_is_measured_by_its_own_operations_and_allocates_nothing(
        string variant, int gates, int outputs, int directions, int projection)
    {
        var figures = (await MeasureAsync("3,2,5,7", "--variant", variant)).Events.ShouldHaveSingleItem();

        figures.EnumerateObject().Select(field => field.Name).ShouldBe(s_fields);
        new[] { "T", "N", "D", "H", "slots" }.Select(field => figures.Whole(field)).ShouldBe([3, 2, 5, 7, 1]);
        figures.Text("variant").ShouldBe(variant);
        var operations = directions * 6 * 3 * 2 * (((5 + outputs) * gates * 7) + projection);
        var seconds = (figures.Number("forward_ms") + figures.Number("backward_ms")) / 1000;
        figures.Number("gflops").ShouldBe(operations / seconds / 1e9, 1e-9);
        figures.Number("fraction").ShouldBe(figures.Number("gflops") / figures.Number("peak_gflops"), 1e-9);
        figures.Whole("allocated_bytes").ShouldBe(0);
        figures.Whole("working_bytes").ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task The_memory_of_activations_is_counted_to_the_byte()
    {
        const int T = 3, N = 2, D = 5, H = 7;
        var figures = (await MeasureAsync("3,2,5,7")).Events.ShouldHaveSingleItem();

        // Gates, cells and hidden states with the initial ones, dx, and the gradients of both final states.
        figures.Whole("activation_bytes").ShouldBe(sizeof(float) * ((T * N * 4 * H) + (2 * (T + 1) * N * H) + (T * N * D) + (2 * N * H)));
    }

    [Fact]
    public async Task Recomputing_keeps_fewer_activations()
    {
        const int T = 200, Kept = 64, N = 2, H = 7;
        var all = (await MeasureAsync("200,2,5,7")).Events.ShouldHaveSingleItem();
        var some = (await MeasureAsync("200,2,5,7", "--recompute", "64")).Events.ShouldHaveSingleItem();

        // At least the gates of the steps that are not kept; cells go too, but what takes their place is the run's own affair.
        (all.Whole("activation_bytes") - some.Whole("activation_bytes")).ShouldBeGreaterThan(sizeof(float) * (T - Kept) * N * 3 * H);
        some.Whole("allocated_bytes").ShouldBe(0);
    }

    [Fact]
    public async Task One_row_is_streaming_and_shows_how_fast_the_recurrent_kernel_is_read()
    {
        var figures = (await MeasureAsync("20,1,5,7")).Events.ShouldHaveSingleItem();

        figures.EnumerateObject().Select(field => field.Name).ShouldBe([.. s_fields, "read_gbps", "peak_read_gbps"]);
        figures.GetProperty("backward_ms").ValueKind.ShouldBe(JsonValueKind.Null);
        figures.Number("gflops").ShouldBe(2 * 20 * (5 + 7) * 4 * 7 / (figures.Number("forward_ms") * 1e6), 1e-9);
        figures.Number("read_gbps").ShouldBe(20 * 4 * 7 * 7 * 4 / (figures.Number("forward_ms") * 1e6), 1e-9);
        figures.Number("peak_read_gbps").ShouldBeGreaterThan(0);
        figures.Whole("allocated_bytes").ShouldBe(0);
    }

    [Fact]
    public async Task Several_slots_measure_several_extents_a_line_each()
    {
        var figures = (await MeasureAsync("3,2,5,7", "4,1,6,8", "--slots", "3")).Events;

        figures.Select(line => line.Whole("T")).ShouldBe([3, 4]);
        figures.ShouldAllBe(line => line.Whole("slots") == 3 && line.Whole("allocated_bytes") == 0);
        figures[0].Number("gflops").ShouldBe(
            3 * 6 * 3 * 2 * (5 + 7) * 4 * 7 / ((figures[0].Number("forward_ms") + figures[0].Number("backward_ms")) * 1e6), 1e-9);
    }

    [Fact]
    public async Task A_person_sees_a_table()
    {
        var result = await RunAsync("bench", "lstm", "3,2,5,7", "--seconds", "0.01");

        result.ExitCode.ShouldBe(0, result.Errors);
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(2);
        lines[0].ShouldContain("GFLOP/s");
        lines[1].ShouldContain("3,2,5,7");
    }

    [Theory]
    [InlineData("0,1,1,1", "T,N,D,H")]
    [InlineData("a,b", "T,N,D,H")]
    [InlineData("3,2,5", "T,N,D,H")]
    [InlineData("3,2,5,7,9", "T,N,D,H")]
    [InlineData("3,2,5,x", "T,N,D,H")]
    [InlineData("99999,99999,99999,99999", "too large")]
    [InlineData("3,2,5,7 4,4", "\"4,4\"")]
    [InlineData("3,2,5,7 --variant plane", "rnn, got \"plane\"")]
    [InlineData("3,2,5,7 --slots 0", "--slots")]
    [InlineData("3,2,5,7 --seconds 0", "--seconds")]
    [InlineData("3,2,5,7 --recompute 65", "multiple of 64, got \"65\"")]
    public async Task What_cannot_be_measured_is_refused_in_one_line(string arguments, string expected)
    {
        var result = await RunAsync(["bench", "lstm", .. arguments.Split(' ')]);

        result.ExitCode.ShouldBe(2);
        result.Output.ShouldBeEmpty();
        result.ErrorLines.ShouldHaveSingleItem().ShouldContain(expected);
    }

    static async Task<CommandResult> MeasureAsync(params string[] arguments)
    {
        var result = await RunAsync(["bench", "lstm", .. arguments, "--seconds", "0.02", "--json"]);
        result.ExitCode.ShouldBe(0, result.Errors);
        return result;
    }

    static Task<CommandResult> RunAsync(params string[] arguments) => Command.RunAsync(AppContext.BaseDirectory, arguments);
}
