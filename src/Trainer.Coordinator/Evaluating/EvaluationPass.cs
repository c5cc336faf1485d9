using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Runs batch after batch through a model, adds up their losses and has the outputs judged.</summary>
sealed class EvaluationPass(ModelRun run, ModelWeights weights, Model model, Judge judge, PayloadPool pool)
{
    readonly BatchAssembly _assembly = new();
    float[] _outputs = [], _losses = [];

    /// <summary>Sum over the targets.</summary>
    public double Loss { get; private set; }

    /// <summary>Number of targets.</summary>
    public long Targets { get; private set; }

    /// <summary>Runs a batch.</summary>
    /// <returns>The state that its rows ended with; null when nothing is carried.</returns>
    public Payload<float>? Take(ShardBatch shard)
    {
        _assembly.Gather([shard]);
        var batch = _assembly.Batch;
        run.Load(batch);
        var (rows, size) = (shard.Shape.Rows, model.StateSize);
        if (shard.State is not null) run.WriteStates(new RowRange(0, rows), shard.State.Span);
        run.Forward(weights, training: false);
        Targets += run.CountTargets(new RowRange(0, rows));
        var positions = run.LossShape.Positions;
        judge.Take(Outputs(positions), batch, rows);
        AddLosses(positions);
        if (!shard.CarriesState) return null;
        var states = pool.Rent<float>(rows * size);
        run.ReadStates(new RowRange(0, rows), states.Span);
        return states;
    }

    ReadOnlySpan<float> Outputs(int positions)
    {
        var length = positions * model.Outputs;
        if (_outputs.Length < length) _outputs = new float[length];
        run.ReadOutputs(_outputs.AsSpan(0, length));
        return _outputs.AsSpan(0, length);
    }

    void AddLosses(int positions)
    {
        if (_losses.Length < positions) _losses = new float[positions];
        run.Losses(_losses.AsSpan(0, positions));
        for (var position = 0; position < positions; position++) Loss += _losses[position];
    }
}
