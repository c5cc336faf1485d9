using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>Coordinators that are lost again and again, in the simulator, with their checkpoints on a real disk.</summary>
public sealed class CheckpointGenerationsTests : IDisposable
{
    const int Steps = 14;

    readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_run_whose_coordinator_is_killed_again_and_again_ends_with_the_weights_of_an_undisturbed_one()
    {
        var undisturbed = Finish(Open("undisturbed", seed: 1), []);
        for (var seed = 1UL; seed <= 12; seed++)
        {
            var random = new Random((int)seed);
            var run = Open($"run-{seed}", seed);
            int[] turns = [.. Enumerable.Range(0, 1 + random.Next(5)).Select(_ => random.Next(1, 400))];

            var finished = Finish(run, turns);

            finished.WeightsSha256.ShouldBe(undisturbed.WeightsSha256, run.Story);
            run.Terms.ShouldBe(Enumerable.Range(1, run.Terms.Count).Select(term => (long)term), run.Story);
            run.MetricSteps.ShouldBe(Enumerable.Range(1, Steps).Select(step => (long)step), run.Story);
        }
    }

    [Fact]
    public void A_generation_that_never_starts_gives_everything_back()
    {
        using var run = Open("run", seed: 1);
        var generations = run.Generations();
        generations.Verify();
        generations.Dispose();
        var begun = run.Generations().Begin(new Term(1), run.Keeper);
        begun.Dispose();
        run.Pool.Rented.ShouldBe(0);
    }

    [Fact]
    public void A_deposed_process_begins_no_generation_and_leaves_the_directory_as_it_was()
    {
        using var run = Open("run", seed: 1);
        new RunTerms(run.Files, run.Path).Raise(new Term(5));
        Should.Throw<DeposedException>(() => run.Generations().Begin(new Term(4), run.Keeper));
        run.Files.List(run.Path).ShouldBe(["term-5"]);
    }

    public void Dispose() => _folder.Dispose();

    GenerationRun Open(string name, ulong seed)
    {
        Directory.CreateDirectory(_folder[name]);
        return new GenerationRun(_folder[name], TinyJob.Of(Steps, every: new CheckpointBySteps(3)), seed);
    }

    static RunFinished Finish(GenerationRun run, IReadOnlyList<int> turns)
    {
        using (run)
        {
            foreach (var turn in turns) run.KillCoordinatorAfter(turn);
            return run.RunToEnd().ShouldBeOfType<RunFinished>(run.Story);
        }
    }
}
