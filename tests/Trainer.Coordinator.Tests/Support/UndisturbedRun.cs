using System.Collections.Concurrent;

namespace Trainer.Coordinator.Tests;

/// <summary>The weights that the tiny job ends with when one worker does everything and nothing goes wrong.</summary>
static class UndisturbedRun
{
    static readonly ConcurrentDictionary<int, Lazy<string>> s_weights = [];

    /// <summary>Their hash, for a number of steps; computed once for all tests.</summary>
    public static Lazy<string> Of(int steps) => s_weights.GetOrAdd(steps, _ => new Lazy<string>(() =>
    {
        using var training = new SimulatedTraining(TinyJob.Of(steps), workers: 1);
        training.RunToEnd();
        return training.FinalWeights;
    }));
}
