using LstmCluster.Cli.Display;
using LstmCluster.Compute;
using LstmCluster.Compute.Gpu;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary>Steps of the real coordinator, parameter server and workers on a job's model and batches. What is written to disk is not timed.</summary>
static class StepBenchmark
{
    /// <summary>Runs it and shows the figures.</summary>
    /// <param name="job">The job.</param>
    /// <param name="devices">One for each worker.</param>
    /// <param name="steps">Steps to measure.</param>
    /// <param name="json">True for output for programs.</param>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(Job job, IReadOnlyList<Func<IDevice>> devices, int steps, bool json)
    {
        using var interruption = new Interruption();
        var gpus = Gpus(devices);
        var measured = new StepMeasurement(steps, gpus.Count == 0 ? null : () => gpus.Sum(gpu => gpu.Launches));
        var directory = Directory.CreateTempSubdirectory("lstm-cluster-bench-").FullName;
        try
        {
            var options = new TrainingRunOptions { Run = Path.Combine(directory, job.Name), Devices = devices };
            await using var run = await TrainingRun.StartAsync(Endless(job), options, [measured], interruption.Token).ConfigureAwait(false);
            var ended = run.WaitAsync();
            await Task.WhenAny(measured.Done, ended, Task.Delay(Timeout.Infinite, interruption.Token)).ConfigureAwait(false);
            if (interruption.ExitCode != ExitCode.Done) return interruption.ExitCode;
            if (!measured.Done.IsCompleted && await ended.ConfigureAwait(false) is RunFailed failed)
                return CommandLine.Fail(failed.Reason, ExitCode.Failed);
        }
        catch (OperationCanceledException) when (interruption.ExitCode != ExitCode.Done)
        {
            return interruption.ExitCode;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
            foreach (var gpu in gpus) gpu.Dispose();
        }

        Show(job, devices.Count, measured, json);
        return ExitCode.Done;
    }

    /// <summary>Each GPU once: its devices count together.</summary>
    static List<GpuDevice> Gpus(IReadOnlyList<Func<IDevice>> devices)
    {
        var gpus = new List<GpuDevice>();
        foreach (var open in devices)
        {
            var device = open();
            if (device is GpuDevice gpu && !gpus.Exists(other => other.Name == gpu.Name)) gpus.Add(gpu);
            else device.Dispose();
        }

        return gpus;
    }

    /// <summary>The job without anything but steps: it never ends, validates or writes a checkpoint after the first.</summary>
    static Job Endless(Job job) => job with
    {
        Data = job.Data with { Validation = 0 },
        Training = job.Training with
        {
            Steps = int.MaxValue,
            Validate = new ValidateOptions(),
            Checkpoint = new CheckpointOptions { Every = new CheckpointBySteps(int.MaxValue) },
        },
    };

    static void Show(Job job, int workers, StepMeasurement measured, bool json)
    {
        var milliseconds = measured.MedianSeconds * 1000;
        var tokensPerSecond = measured.TokensPerStep / measured.MedianSeconds;
        var peak = System.Diagnostics.Process.GetCurrentProcess().PeakWorkingSet64;
        if (json)
        {
            var figures = new
            {
                Job = job.Name,
                Workers = workers,
                measured.Parameters,
                measured.Steps,
                MsPerStep = milliseconds,
                TokensPerSecond = tokensPerSecond,
                AllocatedBytesPerStep = measured.AllocatedBytesPerStep,
                PeakMemoryBytes = peak,
                measured.LaunchesPerStep,
            };
            Json.Write(figures, leaveOutNulls: true);
            return;
        }

        Console.Out.WriteLine($"{job.Name}: {Numbers.Count(measured.Parameters)} parameters, {workers} {(workers == 1 ? "worker" : "workers")}, median of {measured.Steps} steps");
        Console.Out.WriteLine($"  speed        {Numbers.Count(tokensPerSecond),12} tokens/s");
        Console.Out.WriteLine($"  step         {milliseconds,12:F2} ms");
        Console.Out.WriteLine($"  allocated    {Numbers.Count(measured.AllocatedBytesPerStep),12} bytes per step");
        if (measured.LaunchesPerStep is { } launches) Console.Out.WriteLine($"  launches     {Numbers.Count(launches),12} kernels per step");
        Console.Out.WriteLine($"  peak memory  {Numbers.Bytes(peak),12}");
    }
}
