using System.CommandLine;
using LstmCluster.Data;
using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>worker</c>: workers of this process for a run of another, until it has ended or a signal comes.</summary>
static class WorkerVerb
{
    /// <summary>The verb.</summary>
    /// <param name="verbose">Whether failures of actors are shown with their stack traces.</param>
    public static Command Create(Option<bool> verbose)
    {
        var host = new HostOptions("worker");
        var slots = TrainOptions.Count("--slots", 1, "Workers of this process (default: one per core, one on a GPU)");
        var device = TrainOptions.Device();
        var verb = new Verb(
            "worker", "Compute for a run of another process, until it has ended",
            "worker --coordinator 127.0.0.1:4242", "worker --coordinator 127.0.0.1:4242 --slots 2", "worker --coordinator 127.0.0.1:4242 --device cuda:0,cuda:1", "worker --coordinator trainer.example.org:4242 --security gpu1",
            "worker --registry etcd://10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379/moby-dick --security gpu1")
        {
            slots, device,
        };
        host.AddTo(verb);
        verb.SetAction(async parsed =>
        {
            using var metrics = new WorkerMetrics(TimeProvider.System);
            var devices = DeviceSelection.Choose(parsed.GetRequiredValue(device), parsed.GetValue(slots), "--slots");
            var computing = new WorkerSlots(HostOptions.ProcessName, devices) { Metrics = metrics };
            var options = host.Read(parsed, parsed.GetValue(verbose), host.Security(parsed), start => new WorkerHost(
                start, computing, package => ModelMapping.Of(package.Job, DataEncoding.Parse(package.Encoding, package.Job))));
            return await host.RunAsync(parsed, options).ConfigureAwait(false);
        });
        return verb;
    }
}
