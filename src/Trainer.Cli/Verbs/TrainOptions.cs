using System.CommandLine;
using System.Net;
using LstmCluster.Cli.Operations;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary>The options of <c>train</c>: how a job is run here, and with whom.</summary>
sealed class TrainOptions
{
    /// <summary>More would have nothing to keep: a model is cut into at most so many parts.</summary>
    const int MostParameterServers = 64;

    readonly Option<int?> _workers = Count("--workers", 0, "Workers of this process (default: one per core, one on a GPU); 0 with --listen, where others do the work");
    readonly Option<string> _device = Device();
    readonly Option<string?> _listen = new("--listen") { Description = "Let other processes take part, at an address of this machine; port 0 picks one", HelpName = "HOST:PORT" };
    readonly Option<string?> _advertise = new("--advertise") { Description = "Where others reach the address of --listen, when they do so by another one", HelpName = "HOST:PORT" };
    readonly Option<string?> _registry = HostOptions.Registry("Let a registry elect the coordinator: a process that is not elected stands by, and takes the run over from the one that is");
    readonly Option<string?> _security = SecurityVerb.Option();
    readonly Option<int?> _minWorkers = Count("--min-workers", 1, "Workers that must have joined before the first step (default: 1)");
    readonly Option<int?> _parameterServers = Count("--parameter-servers", 0, "Parts of the parameters that this process keeps, each on a thread of its own (default: 1; 0 where other processes keep all)", MostParameterServers);
    readonly Option<int?> _parameterServerProcesses = Count("--parameter-server-processes", 0, "Parts that other processes keep (lstm-cluster parameter-server), which are waited for (default: 0)", MostParameterServers);
    readonly Option<string?> _run = new("--run") { Description = "Run directory (default: runs/NAME, after the job's name)", HelpName = "DIR" };
    readonly Option<bool> _resume = new("--resume") { Description = "Go on with a run that exists, from its newest checkpoint" };

    /// <summary>Gives the verb the options.</summary>
    public void AddTo(Command verb)
    {
        Option[] options = [_workers, _device, _listen, _advertise, _registry, _security, _minWorkers, _parameterServers, _parameterServerProcesses, _run, _resume];
        foreach (var option in options) verb.Add(option);
    }

    /// <summary>The number of workers; null for one per core.</summary>
    public static Option<int?> Workers() => Count("--workers", 1, "Workers of this process (default: one per core, one on a GPU)");

    /// <summary>A number of workers or the like; null when it is not given.</summary>
    /// <param name="name">The option.</param>
    /// <param name="least">The smallest number allowed.</param>
    /// <param name="description">One line.</param>
    /// <param name="most">The largest number allowed.</param>
    public static Option<int?> Count(string name, int least, string description, int most = DeviceSelection.MostWorkers)
    {
        var parser = Arguments.Number(name, "", least, most, 1);
        return new Option<int?>(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result => parser.CustomParser!(result),
        };
    }

    /// <summary>The devices.</summary>
    public static Option<string> Device() => new("--device")
    {
        Description = "Where workers compute: cpu, cuda:0, opencl:0 and so on (lstm-cluster devices lists them); several, separated by commas, make one worker each",
        HelpName = "D",
        DefaultValueFactory = _ => "cpu",
    };

    /// <summary>The one device that something is computed on.</summary>
    public static Option<string> OneDevice() => new("--device")
    {
        Description = "Where it is computed: cpu, cuda:0, opencl:0 and so on (lstm-cluster devices lists them)",
        HelpName = "D",
        DefaultValueFactory = _ => "cpu",
    };

    /// <summary>Reads the options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="job">Reads the job, once it is known that the options can be used.</param>
    /// <param name="verbose">Whether failures of actors are shown with their stack traces.</param>
    /// <exception cref="UserErrorException">An option cannot be used, or two contradict each other.</exception>
    public (Job Job, TrainingRunOptions Options) Read(ParseResult parsed, Func<Job> job, bool verbose)
    {
        var devices = DeviceSelection.Choose(parsed.GetRequiredValue(_device), parsed.GetValue(_workers));
        var place = ReadPlace(parsed);
        var least = parsed.GetValue(_minWorkers) ?? 1;
        var remoteServers = parsed.GetValue(_parameterServerProcesses) ?? 0;
        var servers = parsed.GetValue(_parameterServers) ?? (remoteServers > 0 ? 0 : 1);
        if (place.Listen is null) RequireAlone(devices.Count, least, remoteServers);
        if (servers + remoteServers == 0) throw new UserErrorException("--parameter-servers 0: somebody has to keep the parameters; 0 needs --parameter-server-processes");
        var read = job();
        var directory = parsed.GetValue(_run) ?? Path.Combine("runs", read.Name);
        if (directory.Length == 0) throw new UserErrorException("--run must name a directory, got \"\"");
        return (read, new TrainingRunOptions
        {
            Run = directory,
            Resume = parsed.GetValue(_resume),
            Devices = devices,
            Listen = place.Listen,
            Advertise = place.Advertise,
            Security = place.Security,
            Registry = place.Registry,
            Name = HostOptions.ProcessName,
            MinWorkers = least,
            ParameterServers = servers,
            ParameterServerProcesses = remoteServers,
            ActorObserver = FailureLog.For(verbose),
        });
    }

    /// <summary>Where others find this process, and how they know that it is the right one.</summary>
    (IPEndPoint? Listen, EndPoint? Advertise, ClusterSecurity? Security, EtcdAddress? Registry) ReadPlace(ParseResult parsed)
    {
        var (listen, advertise, registry) = (parsed.GetValue(_listen), parsed.GetValue(_advertise), parsed.GetValue(_registry));
        if (listen is null)
        {
            if (parsed.GetValue(_security) is not null) throw new UserErrorException("--security: this run has no other process to trust without --listen");
            if (advertise is not null) throw new UserErrorException($"--advertise {advertise}: nobody can connect without --listen");
        }

        var trusted = SecurityVerb.Read(parsed, _security);
        var endpoint = listen is null ? null : HostAndPort.Listening("--listen", listen, trusted);
        var advertised = advertise is null ? null : HostAndPort.Advertised("--advertise", advertise);
        var elected = registry is null ? null : RegistryAddress.Parse("--registry", registry) as EtcdAddress;
        if (elected is null) return (endpoint, advertised, trusted, null);
        if (endpoint is null) throw new UserErrorException($"--registry {registry}: the registry tells others where the coordinator is, so it needs --listen HOST:PORT");
        (endpoint, advertised) = Addresses.Read(listen!, advertise, trusted);
        return (endpoint, advertised, trusted, elected);
    }

    static void RequireAlone(int workers, int leastWorkers, int remoteServers)
    {
        if (workers == 0) throw new UserErrorException("--workers must be a whole number from 1 to 1024, got \"0\"; 0 needs --listen, so that others can join");
        if (leastWorkers > workers) throw new UserErrorException($"--min-workers {leastWorkers}: this process has {workers} and nobody else can join; more need --listen");
        if (remoteServers > 0) throw new UserErrorException($"--parameter-server-processes {remoteServers}: nobody else can take part without --listen");
    }
}
