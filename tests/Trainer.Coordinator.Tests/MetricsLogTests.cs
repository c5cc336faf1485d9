using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>metrics.jsonl over several generations and processes.</summary>
public sealed class MetricsLogTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly List<string> _failures = [];
    Term _highest = new(1);

    string Path => _folder["metrics.jsonl"];

    [Fact]
    public void A_generation_goes_on_behind_the_step_it_starts_from()
    {
        using var log = Log();
        Tell(log, Started(0, term: 1), Step(1), Step(2), Step(3), new RunRestarted(1, 2, "gone"), Step(2));
        Lines().ShouldBe([Started(0, term: 1), Step(1), new RunRestarted(1, 2, "gone"), Step(2)]);
        _failures.ShouldBeEmpty();
    }

    [Fact]
    public void What_a_deposed_process_still_writes_does_not_reach_the_file_of_its_successor()
    {
        using var old = Log();
        Tell(old, Started(0, term: 1), Step(1), Step(2));
        _highest = new Term(2);
        using var successor = Log();
        Tell(successor, Started(2, term: 2), Step(3));

        // Its file is still open.
        Tell(old, Step(3), Step(4), new RunDeposed(4, 1, "term 2 has begun"));

        Lines().ShouldBe([Started(0, term: 1), Step(1), Step(2), Started(2, term: 2), Step(3)]);
        Directory.GetFiles(_folder.Path).ShouldHaveSingleItem();
    }

    [Fact]
    public void A_deposed_process_neither_opens_nor_cuts_the_file_again()
    {
        using var old = Log();
        Tell(old, Started(0, term: 1), Step(1));
        _highest = new Term(2);
        using var successor = Log();
        Tell(successor, Started(1, term: 2), Step(2));
        var before = File.ReadAllText(Path);
        Tell(old, new RunRestarted(0, 1, "gone"), Step(1));
        File.ReadAllText(Path).ShouldBe(before);
    }

    [Fact]
    public void A_file_that_cannot_be_cut_back_is_cut_back_later_and_told_once()
    {
        File.WriteAllText(Path, Step(1).ToJson() + '\n' + Step(2).ToJson() + '\n');
        Directory.CreateDirectory(_folder[".metrics.jsonl.tmp-t1"]);
        using var log = Log();
        Tell(log, Started(1, term: 1), Step(2));
        _failures.ShouldHaveSingleItem().ShouldStartWith($"{Path} cannot be written: ");
        Lines().Count.ShouldBe(2);
        Directory.Delete(_folder[".metrics.jsonl.tmp-t1"]);
        Tell(log, Step(3));
        Lines().ShouldBe([Step(1), Step(3)]);
    }

    public void Dispose() => _folder.Dispose();

    MetricsLog Log() => new(Path, _failures.Add, term => _highest <= term);

    static void Tell(MetricsLog log, params TrainingEvent[] events)
    {
        foreach (var happened in events) log.On(happened);
    }

    List<TrainingEvent> Lines() => [.. File.ReadAllLines(Path).Select(line => System.Text.Json.JsonSerializer.Deserialize<TrainingEvent>(line, s_json)!)];

    static readonly System.Text.Json.JsonSerializerOptions s_json = new() { PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower };

    static RunStarted Started(long step, long term) => new("run", "job", step, 9, 1, 1, 1, 1, 1, 1) { Term = term };

    static StepCompleted Step(long step) => new(step, 0, 1, 1, 1, 1, 1, 1, 1, 1);
}
