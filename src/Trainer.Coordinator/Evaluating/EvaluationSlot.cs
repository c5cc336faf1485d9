using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>What one thread of an evaluation computes with.</summary>
sealed class EvaluationSlot : IDisposable
{
    readonly TrainedModel _trained;
    readonly IDevice _device;
    readonly bool _isOwner;
    readonly ModelRun _run;
    readonly ModelWeights _weights;
    readonly BatchAssembly _assembly = new();
    float[] _outputs = [], _losses = [];
    Translator? _translator;

    /// <param name="trained">The model; stays the caller's.</param>
    /// <param name="device">Where.</param>
    /// <param name="isOwner">True when the device is to be disposed with this.</param>
    public EvaluationSlot(TrainedModel trained, IDevice device, bool isOwner)
    {
        (_trained, _device, _isOwner) = (trained, device, isOwner);
        _run = trained.Model.CreateRun(device);
        _weights = trained.Weights;
    }

    /// <summary>The batch that was run last.</summary>
    public Batch Batch => _assembly.Batch;

    /// <summary>Rows of it.</summary>
    public int Rows => _assembly.Batch.Shape.Rows;

    /// <summary>Extent of its loss positions.</summary>
    public BatchShape LossShape => _run.LossShape;

    /// <summary>Targets of it that count.</summary>
    public int Targets => _run.CountTargets(new RowRange(0, Rows));

    /// <summary>[positions,outputs] of the model.</summary>
    public ReadOnlySpan<float> Outputs => _outputs.AsSpan(0, LossShape.Positions * _trained.Model.Outputs);

    /// <summary>[positions].</summary>
    public ReadOnlySpan<float> Losses => _losses.AsSpan(0, LossShape.Positions);

    /// <summary>Finds target sequences; only of a model that writes some.</summary>
    public Translator Translator => _translator ??= new Translator((EncoderDecoder)_trained.Model, _device);

    /// <summary>Runs a batch.</summary>
    public void Run(ShardBatch shard)
    {
        _assembly.Gather([shard]);
        _run.Load(_assembly.Batch);
        if (shard.State is not null) _run.WriteStates(new RowRange(0, shard.Shape.Rows), shard.State.Span);
        _run.Forward(_weights, training: false);
        var positions = LossShape.Positions;
        if (_losses.Length < positions) (_outputs, _losses) = (new float[positions * _trained.Model.Outputs], new float[positions]);
        _run.ReadOutputs(_outputs.AsSpan(0, positions * _trained.Model.Outputs));
        _run.Losses(_losses.AsSpan(0, positions));
    }

    /// <summary>The state that the rows of the last batch ended with.</summary>
    public Payload<float> ReadStates(PayloadPool pool)
    {
        var states = pool.Rent<float>(Rows * _trained.Model.StateSize);
        _run.ReadStates(new RowRange(0, Rows), states.Span);
        return states;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        _translator?.Dispose();
        _run.Dispose();
        if (_isOwner) _device.Dispose();
    }
}
