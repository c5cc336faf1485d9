using System.CommandLine;
using LstmCluster.Data;
using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>parameter-server</c>: keeps a part of the parameters for a run of another process, until it has ended or a signal comes.</summary>
static class ParameterServerVerb
{
    /// <summary>The verb.</summary>
    /// <param name="verbose">Whether failures of actors are shown with their stack traces.</param>
    public static Command Create(Option<bool> verbose)
    {
        var host = new HostOptions("parameter server");
        var device = new Option<string>("--device") { Description = "Where weights are updated: cpu", HelpName = "D", DefaultValueFactory = _ => "cpu" };
        var listen = new Option<string>("--listen")
        {
            Description = "Where workers reach this process, at an address of this machine; port 0 picks one",
            HelpName = "HOST:PORT",
            DefaultValueFactory = _ => "127.0.0.1:0",
        };
        var advertise = new Option<string?>("--advertise") { Description = "Where workers reach the address of --listen, when they do so by another one", HelpName = "HOST:PORT" };
        var verb = new Verb(
            "parameter-server", "Keep a part of the parameters for a run of another process, until it has ended",
            "parameter-server --coordinator 127.0.0.1:4242",
            "parameter-server --coordinator trainer.example.org:4242 --listen 0.0.0.0:4243 --advertise store1.example.org:4243 --security store1",
            "parameter-server --registry etcd://10.0.0.1:2379/moby-dick --listen 10.0.0.7:4243 --security store1")
        {
            device, listen, advertise,
        };
        host.AddTo(verb);
        verb.SetAction(parsed =>
        {
            var security = host.Security(parsed);
            var (place, told) = Addresses.Read(parsed.GetRequiredValue(listen), parsed.GetValue(advertise), security);
            var updating = DeviceSelection.Processor(parsed.GetRequiredValue(device));
            var options = host.Read(parsed, parsed.GetValue(verbose), security, start => new ParameterServerHost(
                start, package => ModelMapping.Of(package.Job, DataEncoding.Parse(package.Encoding, package.Job)), updating));
            return host.RunAsync(parsed, options with { Listen = place, Advertise = told });
        });
        return verb;
    }
}
