using LstmCluster.Protocol;

namespace Trainer.Coordinator.Tests;

/// <summary>A training some of whose workers are killed when they are about to tell what they have computed, so that others compute it again.</summary>
sealed class KilledWorkers : IDisposable
{
    readonly int _times;

    /// <param name="job">The job.</param>
    /// <param name="workers">Workers that the coordinator starts.</param>
    /// <param name="times">How many are killed.</param>
    /// <param name="during">The rounds in which they are.</param>
    public KilledWorkers(Job job, int workers, int times, Predicate<Round> during)
    {
        _times = times;
        Training = new SimulatedTraining(job, workers, onWorkerSend: message =>
        {
            if (Killed == times || message is not ShardsDone done || !during(done.Round)) return message;
            Killed++;
            Training!.Runtime.Kill(done.Worker);
            return null;
        });
    }

    public SimulatedTraining Training { get; }

    int Killed { get; set; }

    /// <summary>Or else what was to be shown was not.</summary>
    public void Dispose()
    {
        Training.Dispose();
        Killed.ShouldBe(_times, "as many as were to be killed");
    }
}
