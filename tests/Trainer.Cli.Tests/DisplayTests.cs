using LstmCluster.Cli.Display;
using LstmCluster.Protocol;
using LstmCluster.Training;
using Spectre.Console;

namespace Trainer.Cli.Tests;

public sealed class DisplayTests
{
    static readonly RunStarted s_started = new("runs/small", "small", 0, 12_000, 880_659, 83, 1_071_264, 119_008, 8, 2);

    [Fact]
    public void Step_lines_are_at_least_two_seconds_apart_and_stand_in_columns()
    {
        var time = new ManualTime();
        using var output = new StringWriter();
        var display = new PlainDisplay(output, Wording(), time);
        display.On(s_started);
        for (var step = 1; step <= 12_000; step += 100)
        {
            time.Advance(TimeSpan.FromSeconds(0.5));
            display.On(Step(step, seconds: step / 200.0));
        }

        var lines = output.ToString().Split('\n').Where(line => line.StartsWith("step", StringComparison.Ordinal)).ToList();
        lines.Count.ShouldBe(30, "120 steps in 60 s, the first of them at once");
        lines.Select(line => line.Length).Distinct().ShouldHaveSingleItem();
        lines.ShouldAllBe(line => line.Length < 100);
    }

    [Fact]
    public void Speed_and_time_left_follow_the_time_between_steps()
    {
        var view = new RunView();
        view.Take(s_started);
        for (var step = 1; step <= 200; step++) view.Take(Step(step, seconds: 0.25 * step));

        view.TokensPerSecond.ShouldBe(2048 / 0.25, 1e-6);
        view.Left!.Value.ShouldBe(11_800 * 0.25, 1e-6);
        view.Fraction.ShouldBe(200 / 12_000.0);
    }

    [Fact]
    public void A_resumed_run_shows_where_it_goes_on_from()
    {
        var view = new RunView();
        view.Take(s_started with { Step = 3000 });

        view.Step.ShouldBe(3000);
        view.Checkpoint.ShouldBe(3000);
        view.Left.ShouldBeNull("nothing tells yet how long a step takes");
    }

    [Theory]
    [InlineData(120)]
    [InlineData(80)]
    [InlineData(40)]
    [InlineData(10)]
    public void Live_figures_are_three_lines_that_fit_the_terminal_and_never_move(int width)
    {
        var view = new RunView();
        view.Take(s_started);
        var before = Render(new ProgressPanel(view, 0) { HasColour = false }, width);
        view.Take(Step(9_999, 100));
        view.Take(Step(12_000, 4000));
        view.Take(new ValidationCompleted(12_000, 1.5, 2.2, 4.5, 1000, 1));
        view.Take(new CheckpointNotWritten(12_000, "no space left"));
        var after = Render(new ProgressPanel(view, 4000) { HasColour = false }, width);

        after.Length.ShouldBe(3);
        after.ShouldAllBe(line => line.Length < width);
        if (width < 80) return;
        after[0].ShouldContain("100.0 %   step 12,000 of 12,000");
        foreach (var label in new[] { "loss ", "validation ", "tokens/s ", "workers " })
            after[1].IndexOf(label, StringComparison.Ordinal).ShouldBe(before[1].IndexOf(label, StringComparison.Ordinal), label);
        after[2].ShouldContain("checkpoint failed");
        after[2].IndexOf("checkpoint", StringComparison.Ordinal).ShouldBe(before[2].IndexOf("checkpoint", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Steps_that_nobody_reads_are_left_out_beyond_a_limit_and_counted()
    {
        using var shown = new BlockedDisplay();
        await using (var display = new QueuedDisplay(shown, limit: 10))
        {
            display.On(s_started);
            shown.Reached.Wait();
            try
            {
                for (var step = 1; step <= 100; step++) display.On(Step(step, step));
                display.On(new CheckpointWritten(100, "runs/small/checkpoints/step-00000100", 1));
            }
            finally
            {
                shown.Unblock.Set();
            }
        }

        shown.Events.OfType<StepCompleted>().Select(step => step.Step).ShouldBe([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        shown.Events.OfType<Noticed>().ShouldHaveSingleItem().Message.ShouldStartWith("90 steps");
        shown.Events[^1].ShouldBeOfType<CheckpointWritten>();
    }

    static string[] Render(ProgressPanel panel, int width)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(output),
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        console.Profile.Width = width;
        console.Write(panel);
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    static StepCompleted Step(long step, double seconds) => new(step, 1, 2.5 + (0.0001 * step), 1, 1, 0.002, 2048, 10_000, 2, seconds);

    static Wording Wording() => new(JobReader.Parse(Workspace.Job, "job.yaml"));

    sealed class BlockedDisplay : IDisplay, IDisposable
    {
        public ManualResetEventSlim Reached { get; } = new();

        public ManualResetEventSlim Unblock { get; } = new();

        public List<TrainingEvent> Events { get; } = [];

        public void On(TrainingEvent happened)
        {
            Reached.Set();
            Unblock.Wait();
            Events.Add(happened);
        }

        public void Abandon()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public void Dispose()
        {
            Reached.Dispose();
            Unblock.Dispose();
        }
    }

    sealed class ManualTime : TimeProvider
    {
        long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan time) => _now += time.Ticks;
    }
}
