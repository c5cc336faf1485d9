using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>What a coordinator starts from. Who takes a part of it gives that part back; the rest is given back with this.</summary>
sealed class StartState : IDisposable
{
    ParameterStart? _parameters;
    CarriedStates? _carried;

    StartState(Checkpoint? checkpoint, ParameterStart parameters, CarriedStates carried)
    {
        (HasCheckpoint, _parameters, _carried) = (checkpoint is not null, parameters, carried);
        Step = new Step(checkpoint?.Manifest.Step ?? 0);
        Devices = checkpoint?.Manifest.Devices ?? "";
        Validations = checkpoint?.Manifest.Validations;
        Position = new DataPosition(checkpoint?.Manifest.Epoch ?? 0, checkpoint?.Manifest.Position ?? 0);
    }

    /// <summary>False where it is the job's beginning.</summary>
    public bool HasCheckpoint { get; }

    /// <summary>The last step applied.</summary>
    public Step Step { get; }

    /// <summary>Where the data stand after it.</summary>
    public DataPosition Position { get; }

    /// <summary>What validations have shown up to it; null for nothing.</summary>
    public ValidationHistory? Validations { get; private set; }

    /// <summary>The types of device that it was computed on; empty where none has.</summary>
    public string Devices { get; }

    /// <summary>The job's beginning.</summary>
    public static StartState Initial(Job job, UpdateRule rule, ParameterLayout parameters, PayloadPool pool) => new(
        null, ParameterStart.Initial(rule, parameters, job.Seed, pool), new CarriedStates(job.Training.Shards));

    /// <summary>After the last step of a checkpoint.</summary>
    /// <exception cref="UserErrorException">The checkpoint is of another model or optimizer.</exception>
    public static StartState Of(Checkpoint checkpoint, CheckpointContent content, PayloadPool pool)
    {
        var weights = pool.Rent<float>(content.Length);
        try
        {
            content.FromTensors(checkpoint.Weights, weights.Span);
            var optimizer = content.OptimizerFromTensors(checkpoint.Optimizer, pool);
            return new StartState(
                checkpoint, new ParameterStart(new ParameterRange(0, content.Length), new WeightVersion(checkpoint.Manifest.Step), weights, optimizer),
                content.StateFromTensors(checkpoint.State, pool));
        }
        catch (UserErrorException)
        {
            weights.Release();
            throw;
        }
    }

    /// <summary>The best is sought anew: its weights are not there.</summary>
    public void ForgetBest() => Validations = Validations?.WithoutBest();

    /// <summary>Hands over weights and optimizer state.</summary>
    public ParameterStart TakeParameters() => Take(ref _parameters);

    /// <summary>Hands over the carried state.</summary>
    public CarriedStates TakeCarried() => Take(ref _carried);

    /// <inheritdoc/>
    public void Dispose()
    {
        _parameters?.Release();
        _carried?.Dispose();
        (_parameters, _carried) = (null, null);
    }

    static T Take<T>(ref T? part)
        where T : class
    {
        var taken = part ?? throw new InvalidOperationException("a part of a coordinator's start is taken twice");
        part = null;
        return taken;
    }
}
