using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>Hands on what a run tells.</summary>
sealed class Listener(Action<TrainingEvent> on) : ITrainingObserver
{
    public void On(TrainingEvent happened) => on(happened);
}
