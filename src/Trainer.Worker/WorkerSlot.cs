using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Compute.Gpu;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Makes the workers of a process for one run.</summary>
/// <param name="model">The model.</param>
/// <param name="job">The job.</param>
/// <param name="weights">The weights of the process.</param>
/// <param name="pool">Where gradients and states are rented.</param>
public sealed class WorkerSlot(Model model, Job job, WeightCaches weights, PayloadPool pool)
{
    /// <summary>What is done about an exception of a worker: it begins anew, a few times; where its device has no memory left that would change nothing.</summary>
    public static Supervision Supervision { get; } = new(
        failure => failure is GpuMemoryException ? Directive.Stop : Directive.Restart, MaxRestarts: 3, TimeSpan.FromMinutes(1));

    /// <summary>A worker on a device of its own.</summary>
    /// <param name="open">Opens the device.</param>
    /// <param name="run">Who assigns, and who sums.</param>
    /// <param name="weightsTo">Who takes the weights for it; null for itself.</param>
    /// <param name="combiner">Who sums what the workers of its process compute; null for nobody.</param>
    /// <param name="counted">Has what it computes counted; null for nobody.</param>
    /// <exception cref="GpuException">A driver failed.</exception>
    public Worker CreateWorker(
        Func<IDevice> open, RunContact run, ActorRef? weightsTo = null, ActorRef? combiner = null, Func<IShardCompute, IShardCompute>? counted = null)
    {
        ArgumentNullException.ThrowIfNull(open);
        var training = job.Training;
        var device = Open(open);
        try
        {
            var store = weights.For(device.Name, () => Open(open));
            var compute = new ShardComputer(model, device, training.Shards, job.Seed, pool, training.Gradients, () => TaskScore.Of(job, model.Outputs));
            return new Worker(counted?.Invoke(compute) ?? compute, store, run, weightsTo, combiner);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Why a job cannot be computed on some devices, in one line.</summary>
    /// <param name="precision">What the job wants.</param>
    /// <param name="devices">The devices of this process.</param>
    /// <returns>Null when it can.</returns>
    /// <exception cref="GpuException">A driver failed.</exception>
    public static string? Refusal(ComputePrecision precision, IEnumerable<Func<IDevice>> devices)
    {
        ArgumentNullException.ThrowIfNull(devices);
        if (precision == ComputePrecision.Fp32) return null;
        foreach (var open in devices)
        {
            using var device = open();
            if (device.Supports(precision)) continue;
            string[] able = [.. ComputeDevices.NamesWith(precision)];
            return $"training.precision: {device.Name} cannot compute in {Word(precision)}; {(able.Length > 0 ? $"here {string.Join(", ", able)} can" : "no device of this machine can")}";
        }

        return null;
    }

    IDevice Open(Func<IDevice> open)
    {
        var device = open();
        device.Use(job.Training.Precision);
        return device;
    }

    static string Word(ComputePrecision precision) => precision.ToString().ToLowerInvariant();
}
