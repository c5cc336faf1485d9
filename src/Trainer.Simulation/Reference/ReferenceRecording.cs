using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>Writes down an undisturbed run.</summary>
sealed class ReferenceRecording : IProbe
{
    readonly SortedDictionary<long, StepRecord> _steps = [];
    readonly SortedDictionary<long, ReadOnlyMemory<double>> _sums = [];

    public void Sends(ActorRef actor, ActorRef target, Message message)
    {
        switch (message)
        {
            case WriteCheckpoint { Parts: [var whole] } write:
                _steps[write.Step.Value] = new StepRecord(
                    write.Step, write.Position, whole.Weights.Span.ToArray(), [.. whole.OptimizerState.Select(vector => (ReadOnlyMemory<float>)vector.Span.ToArray())],
                    [.. write.CarriedState.Select(state => state is null ? (ReadOnlyMemory<float>?)null : state.Span.ToArray())]);
                break;
            case GradientSummed summed:
                _sums[summed.Step.Value] = summed.BlockSquares.Span.ToArray();
                break;
        }
    }

    public ReferenceRun ToReference(SimulatedJob job, IReadOnlyList<TrainingEvent> events)
    {
        var finished = events.OfType<RunFinished>().Single();
        for (var step = 0L; step <= finished.Step; step++)
            if (!_steps.ContainsKey(step))
                throw new InvalidOperationException($"the undisturbed run has written no checkpoint of step {step}");
        return new ReferenceRun(
            job, [.. _steps.Values], [.. _sums.Values], [.. events.OfType<StepCompleted>()],
            events.OfType<ValidationCompleted>().ToDictionary(validation => validation.Step), finished.WeightsSha256);
    }
}
