using System.Text.Json;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>The run directory, its log, and the words in it.</summary>
public sealed class RunDirectoryTests : IDisposable
{
    static readonly Job s_job = TinyJob.Of(5);

    readonly TemporaryFolder _folder = new();

    string Run => _folder["run"];

    string Metrics => _folder["metrics.jsonl"];

    [Fact]
    public void A_new_run_leaves_its_job()
    {
        using var run = RunFolder.Open(Run, s_job, resume: false);
        run.IsNew.ShouldBeTrue();
        JobReader.ReadFile(Path.Combine(Run, "job.yaml")).ShouldBe(s_job);
    }

    [Fact]
    public void A_new_run_may_be_told_to_resume()
    {
        using var run = RunFolder.Open(Run, s_job, resume: true);
        run.IsNew.ShouldBeTrue();
    }

    [Fact]
    public void Who_was_elected_and_deposed_before_it_began_leaves_no_term()
    {
        using var run = RunFolder.Open(Run, s_job, resume: true, isElected: true);

        Should.Throw<DeposedException>(() => run.BeginTerm(new Term(5), () => "the lease has run out")).Message.ShouldBe("the lease has run out");
        run.Terms.Highest().ShouldBe(new Term(0));

        run.BeginTerm(new Term(6), () => null).ShouldBe(new Term(6));
        Should.Throw<DeposedException>(() => run.BeginTerm(new Term(5), () => null));
        run.Terms.Highest().ShouldBe(new Term(6));
    }

    [Fact]
    public void A_run_that_exists_must_be_resumed_in_so_many_words()
    {
        RunFolder.Open(Run, s_job, resume: false).Dispose();
        Refusal(resume: false).ShouldBe($"{Run}: this run exists; give --resume to go on with it, or --run DIR for another one");
        using var run = RunFolder.Open(Run, s_job, resume: true);
        run.IsNew.ShouldBeFalse();
    }

    [Fact]
    public void Another_job_is_refused_by_its_key_and_leaves_the_run_as_it_was()
    {
        RunFolder.Open(Run, s_job, resume: false).Dispose();
        var other = s_job with { Model = s_job.Model with { Dropout = 0.5 } };
        Refusal(resume: true, other).ShouldStartWith("model.dropout is 0.5 here but 0.3 in ");
        RunFolder.Open(Run, s_job, resume: true).Dispose();
    }

    [Fact]
    public void A_run_that_another_holds_is_refused_until_it_lets_go()
    {
        using (RunFolder.Open(Run, s_job, resume: false))
            Refusal(resume: true).ShouldBe($"{Run}: another process is training in this run directory");
        RunFolder.Open(Run, s_job, resume: true).Dispose();
    }

    [Fact]
    public void A_folder_of_something_else_is_refused()
    {
        Directory.CreateDirectory(Run);
        File.WriteAllText(Path.Combine(Run, "precious.txt"), "");
        Refusal(resume: true).ShouldStartWith($"{Run}: this directory holds something else than a run");
    }

    [Fact]
    public void A_file_in_its_place_is_refused()
    {
        File.WriteAllText(Run, "");
        Refusal(resume: true).ShouldStartWith($"{Run}: is a file");
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused()
    {
        File.WriteAllText(Run, "");
        Should.Throw<UserErrorException>(() => RunFolder.Open(Path.Combine(Run, "below"), s_job, resume: false))
            .Message.ShouldContain("the run directory must be writable");
    }

    [Fact]
    public void Cutting_back_keeps_what_a_resumed_run_will_not_do_again()
    {
        File.WriteAllText(Metrics, """
            {"event":"started","step":0}
            {"event":"step","step":4}
            {"event":"notice","message":"of no step"}
            {"event":"checkpoint","step":4}
            {"event":"step","step":5}
            not json
            17
            {"event":"step","step":"six"}
            {"event":"st
            """);
        MetricsLog.CutBackTo(Metrics, 4);
        File.ReadAllLines(Metrics).ShouldBe([
            """{"event":"started","step":0}""", """{"event":"step","step":4}""",
            """{"event":"notice","message":"of no step"}""", """{"event":"checkpoint","step":4}""",
        ]);
        Directory.GetFiles(_folder.Path).Length.ShouldBe(1);
    }

    [Fact]
    public void There_may_be_nothing_to_cut_back()
    {
        MetricsLog.CutBackTo(Metrics, 4);
        File.Exists(Metrics).ShouldBeFalse();
    }

    [Fact]
    public void Events_are_appended_line_by_line_and_seen_at_once()
    {
        File.WriteAllText(Metrics, "{}\n");
        using var log = new MetricsLog(Metrics, message => throw new InvalidOperationException(message));
        log.On(new Noticed("one\nwith a break"));
        log.On(new Noticed("two"));
        File.ReadAllLines(Metrics).ShouldBe(["{}", new Noticed("one\nwith a break").ToJson(), new Noticed("two").ToJson()]);
    }

    [Fact]
    public void A_log_that_cannot_be_written_is_told_once_and_tried_again()
    {
        var told = new List<string>();
        Directory.CreateDirectory(Metrics);
        using var log = new MetricsLog(Metrics, told.Add);
        log.On(new Noticed("one"));
        log.On(new Noticed("two"));
        told.ShouldHaveSingleItem().ShouldStartWith($"{Metrics} cannot be written: ");
        Directory.Delete(Metrics);
        log.On(new Noticed("three"));
        File.ReadAllLines(Metrics).ShouldBe([new Noticed("three").ToJson()]);
    }

    [Fact]
    public void The_last_event_of_a_run_has_the_documented_fields()
    {
        var json = new RunFinished(9, 1.5, 2.5, 1000, 3, "abc", "runs/x").ToJson();
        json.ShouldBe("""{"event":"finished","step":9,"train_loss":1.5,"validation_loss":2.5,"tokens_per_second":1000,"seconds":3,"weights_sha256":"abc","run":"runs/x"}""");
        new RunFinished(9, null, null, 0, 3, "abc", "runs/x").ToJson().ShouldNotContain("validation_loss");
    }

    [Fact]
    public void Every_event_is_one_line_that_begins_with_its_kind_and_has_names_in_snake_case()
    {
        TrainingEvent[] events =
        [
            new RunStarted("r", "n", 0, 1, 2, 3, 4, 5, 6, 7), new Listening("a"), new Serving("b"), new StepCompleted(1, 0.5, 2, 3, 3, 0.1, 4, 5, 6, 7),
            new ValidationCompleted(1, double.NaN, 2, double.PositiveInfinity, 4, 5), new CheckpointWritten(1, "p", 2),
            new CheckpointNotWritten(1, "r"), new CheckpointRefused("r"), new WorkerCame("w", "d", 1), new WorkerWent("w", null, 1, [2], 3),
            new GradientRefused(1, "w", [2], "r"), new ShardsReissued(1, [2], "w", "v", "r"), new ShardsHelped(1, [2], "w", "v", 3), new Noticed("a\nb"), new RunInterrupted(1, "r", true), new RunFailed(1, "r", null),
            new RunFinished(1, 2, 3, 4, 5, "h", "r"), new RunRestarted(1, 2, "r"), new RunDeposed(1, 2, "r"),
        ];
        events.Select(happened => happened.GetType()).ShouldBe(
            typeof(TrainingEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(TrainingEvent))), ignoreOrder: true);
        foreach (var json in events.Select(happened => happened.ToJson()))
        {
            json.ShouldNotContain('\n');
            using var parsed = JsonDocument.Parse(json);
            var names = parsed.RootElement.EnumerateObject().Select(property => property.Name).ToList();
            names[0].ShouldBe("event");
            names.ShouldAllBe(name => name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '_'));
        }
    }

    public void Dispose() => _folder.Dispose();

    string Refusal(bool resume, Job? job = null)
    {
        var message = Should.Throw<UserErrorException>(() => RunFolder.Open(Run, job ?? s_job, resume)).Message;
        message.ShouldNotContain('\n');
        return message;
    }
}
