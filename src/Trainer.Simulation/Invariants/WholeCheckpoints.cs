using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>Invariant 5: a checkpoint that loads is complete, and right; and once it is told to be written, no crash takes it away.</summary>
/// <param name="reference">The undisturbed run.</param>
/// <param name="files">The run's disk as it is, without failures.</param>
/// <param name="run">The run directory.</param>
sealed class WholeCheckpoints(ReferenceRun reference, IRunFiles files, string run) : Invariant
{
    readonly CheckpointContent _content = reference.Job.Content;
    long _durable = -1;

    public override string Name => "5 a checkpoint that loads is complete";

    public override void Sends(ActorRef actor, ActorRef target, Message message)
    {
        switch (message)
        {
            case WriteCheckpoint write: Compare(write); break;
            case CheckpointDone done:
                _durable = Math.Max(_durable, done.Step.Value);
                Check();
                break;
        }
    }

    public override void DiskCrashed() => Check();

    public override void Ended() => Check();

    void Check()
    {
        var newest = new CheckpointStore(files, run, writer: "checker").Newest();
        var step = newest?.Manifest.Step ?? -1;
        if (step < _durable) Violated($"the checkpoint of step {_durable} was complete, and the newest one that loads is {(newest is null ? "none" : $"that of step {step}")}");
        if (newest is not null) Compare(newest);
    }

    void Compare(Checkpoint checkpoint)
    {
        var manifest = checkpoint.Manifest;
        if (reference.After(new Step(manifest.Step)) is not { } record)
        {
            Violated($"a checkpoint of step {manifest.Step} loads in a job of {reference.Steps} steps");
            return;
        }

        if (manifest.WeightVersion != manifest.Step || manifest.Epoch != record.Position.Epoch || manifest.Position != record.Position.Offset)
            Violated($"the checkpoint of step {manifest.Step} says version {manifest.WeightVersion}, epoch {manifest.Epoch}, position {manifest.Position} instead of {record.Position}");
        var vector = new float[_content.Length];
        _content.FromTensors(checkpoint.Weights, vector);
        if (!Bits.AreEqual(vector, record.Weights.Span)) Violated($"the checkpoint of step {manifest.Step} has other weights than the undisturbed run");
        for (var index = 0; index < record.OptimizerState.Count; index++)
        {
            _content.FromTensors(checkpoint.Optimizer, vector, reference.Job.Rule.StateNames[index] + ".");
            if (!Bits.AreEqual(vector, record.OptimizerState[index].Span)) Violated($"the checkpoint of step {manifest.Step} has another {reference.Job.Rule.StateNames[index]} than the undisturbed run");
        }

        CompareStates(checkpoint, record);
    }

    void CompareStates(Checkpoint checkpoint, StepRecord record)
    {
        var states = checkpoint.State.Select(tensor => tensor.Floats).ToList();
        var expected = record.CarriedState.Where(state => state is { Length: > 0 }).Select(state => state!.Value).ToList();
        if (states.Count != expected.Count || states.Zip(expected).Any(pair => !Bits.AreEqual(pair.First.Span, pair.Second.Span)))
            Violated($"the checkpoint of step {checkpoint.Manifest.Step} has another carried state than the undisturbed run");
    }

    /// <summary>What is about to be written, so that the defect is found where it is.</summary>
    void Compare(WriteCheckpoint write)
    {
        if (reference.After(write.Step) is not { } record)
        {
            Violated($"a checkpoint of {write.Step} is to be written in a job of {reference.Steps} steps");
            return;
        }

        if (write.Position != record.Position) Violated($"the checkpoint of {write.Step} is to be written with {write.Position} instead of {record.Position}");
        foreach (var part in write.Parts)
            if (part.Step != write.Step || !Bits.AreEqual(part.Weights.Span, record.Weights.Span.Slice(part.Slice.Offset, part.Slice.Length)))
                Violated($"the checkpoint of {write.Step} is to be written with weights of another step");
    }
}
