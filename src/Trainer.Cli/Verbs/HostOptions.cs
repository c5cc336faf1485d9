using System.CommandLine;
using LstmCluster.Actors;
using LstmCluster.Cli.Operations;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary>The options of verbs that take part in a run of another process, and their course.</summary>
/// <param name="role">What the process is, such as <c>worker</c>.</param>
sealed class HostOptions(string role)
{
    readonly Option<string?> _coordinator = new("--coordinator") { Description = "Where train --listen listens", HelpName = "HOST:PORT" };
    readonly Option<string?> _registry = Registry("Where the coordinator is registered, by train --registry with the same NAME");
    readonly Option<string?> _security = SecurityVerb.Option();
    readonly Option<TimeSpan?> _reconnectFor = Duration.Option("--reconnect-for", "Time to look for a coordinator that is away, such as 10m, before giving up (default: for ever)");
    readonly OperationsOptions _operations = new();

    /// <summary>The registry of a run.</summary>
    /// <param name="description">One line.</param>
    public static Option<string?> Registry(string description) => new("--registry") { Description = description, HelpName = "etcd://HOST:PORT[,HOST:PORT...]/NAME" };

    /// <summary>Gives a verb the options.</summary>
    public void AddTo(Command verb)
    {
        verb.Add(_coordinator);
        verb.Add(_registry);
        verb.Add(_security);
        verb.Add(_reconnectFor);
        _operations.AddTo(verb, hasPages: false);
    }

    /// <summary>Tells this process from all others that may take part.</summary>
    public static string ProcessName => $"{Environment.MachineName.Replace('/', '-')}-{Environment.ProcessId}";

    /// <summary>Certificates and join token; null where none were given.</summary>
    /// <exception cref="UserErrorException">The files cannot be used.</exception>
    public ClusterSecurity? Security(ParseResult parsed) => SecurityVerb.Read(parsed, _security);

    /// <summary>Where the coordinator is looked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="verbose">Whether failures of actors are shown with their stack traces.</param>
    /// <param name="security">Certificates and join token.</param>
    /// <param name="host">Makes what serves one coordinator.</param>
    /// <exception cref="UserErrorException">An option cannot be used, or two contradict each other.</exception>
    public HostProcessOptions Read(ParseResult parsed, bool verbose, ClusterSecurity? security, Func<HostStart, IActor> host)
    {
        var (coordinator, registry) = (parsed.GetValue(_coordinator), parsed.GetValue(_registry));
        if (coordinator is null == registry is null)
            throw new UserErrorException($"{role}: expected either --coordinator HOST:PORT or --registry etcd://HOST:PORT/NAME, got {(coordinator is null ? "neither" : "both")}");
        return new HostProcessOptions
        {
            Name = ProcessName,
            Coordinator = coordinator is null ? null : HostAndPort.Dialling("--coordinator", coordinator, security),
            Registry = registry is null ? null : Opening(registry),
            ReconnectFor = parsed.GetValue(_reconnectFor),
            Host = host,
            Security = security,
            Log = Say,
            ActorObserver = FailureLog.For(verbose),
        };
    }

    /// <summary>Takes part until the run has ended, or a signal comes.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">What was read of it.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(ParseResult parsed, HostProcessOptions options)
    {
        await using var watching = await Watching.StartAsync(_operations.Read(parsed, role, leadsRun: false)).ConfigureAwait(false);
        using var interruption = new Interruption();
        try
        {
            var end = await HostProcess.RunAsync(options with { ActorObserver = watching.Beside(options.ActorObserver) }, interruption.Token).ConfigureAwait(false);
            if (end.Kind is HostEndKind.Failed or HostEndKind.RunFailed or HostEndKind.Away) return CommandLine.Fail(end.Reason, ExitCode.Failed);
            Say(end.Reason);
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (interruption.ExitCode != ExitCode.Done)
        {
            return interruption.ExitCode;
        }
        catch (HandshakeException refusal)
        {
            return CommandLine.Fail($"the coordinator{(options.Coordinator is { } place ? $" at {place}" : "")} refuses this {role}: {refusal.Message}", ExitCode.Failed);
        }
        catch (RegistryException refusal)
        {
            return CommandLine.Fail(refusal.Message, ExitCode.Failed);
        }
    }

    /// <summary>How a process opens the registry that was given.</summary>
    /// <exception cref="UserErrorException">It is none that other processes can see.</exception>
    Func<IRegistry> Opening(string text)
    {
        if (RegistryAddress.Parse("--registry", text) is not EtcdAddress address)
            throw new UserErrorException($"--registry {text}: a {role} can look for its coordinator in etcd only, or take --coordinator HOST:PORT");
        return () => address.Open(new RegistryOptions { Log = Say });
    }

    void Say(string line)
    {
        Logs.Said(ProcessLog.Current.Logger($"LstmCluster.{(role == "worker" ? "Worker" : "ParameterServer")}"), Lines.Join(line));
        Console.Out.WriteLine(Lines.Join(line));
        Console.Out.Flush();
    }
}
