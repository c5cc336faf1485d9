using System.CommandLine;
using System.Globalization;
using LstmCluster.Protocol;
using LstmCluster.Simulation;

namespace LstmCluster.Cli.Verbs;

/// <summary>The part of <c>simulate</c> that shows how long a step takes on a cluster of a given size (<see cref="ScaleRun"/>).</summary>
sealed class ScaleArguments
{
    const double BitsPerByte = 8;

    readonly Option<double?> _parameters = Quantity.Option("--parameters", "Parameters of the model; its step time is shown, and nothing is computed");
    readonly Option<double?> _bandwidth = Quantity.Option("--bandwidth", "Bits per second of each machine's link, each way (default 10G)");
    readonly Option<double?> _flops = Quantity.Option("--flops", "Floating-point operations per second of a worker (default: 0.8 of this core's peak)");
    readonly Option<double?> _memory = Quantity.Option("--memory", "Bytes per second of a core that sums gradients (default: what this core reads)");
    readonly Option<int> _steps = Arguments.Number("--steps", "Steps to simulate", 1, 1_000_000, 100);
    readonly Option<int> _shards = Arguments.Number("--shards", "Shards of a step; 0 for one a worker, so that a step grows with the cluster", 0, 1 << 24, 0);
    readonly Option<int> _tokens = Arguments.Number("--tokens", "Tokens of a shard; 0 for those of the job's", 0, 1 << 24, 0);

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (var option in (Option[])[_parameters, _bandwidth, _steps, _shards, _tokens, _flops, _memory]) verb.Options.Add(option);
    }

    /// <summary>True when the size of a model is given.</summary>
    public bool IsAsked(ParseResult parsed) => parsed.GetValue(_parameters) is not null;

    /// <summary>Simulates, and shows what came of it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="job">The job, which says how many tokens a shard has where nobody else does.</param>
    /// <param name="workers">Machines of one worker.</param>
    /// <param name="servers">Machines of one parameter server.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="json">True for output for programs.</param>
    public int Run(ParseResult parsed, Job job, int workers, int servers, ulong seed, bool json)
    {
        var (tokens, shards) = (parsed.GetValue(_tokens), parsed.GetValue(_shards));
        var options = new ScaleOptions
        {
            Workers = workers,
            Parameters = (long)Math.Max(1, parsed.GetValue(_parameters)!.Value),
            BytesPerSecond = (parsed.GetValue(_bandwidth) ?? 10e9) / BitsPerByte,
            FlopsPerSecond = parsed.GetValue(_flops) ?? MachineSpeed.FlopsPerSecond(),
            MemoryBytesPerSecond = parsed.GetValue(_memory) ?? MachineSpeed.MemoryBytesPerSecond(),
            ParameterServers = servers,
            Steps = parsed.GetValue(_steps),
            Shards = shards == 0 ? null : shards,
            TokensPerShard = tokens > 0 ? tokens : Math.Max(1, job.Training.Batch * job.Training.Length / job.Training.Shards),
            Seed = seed,
        };
        var result = ScaleRun.Run(options);
        if (json) Json.Write(result);
        else Show(result);
        return result.Failure is null ? ExitCode.Done : ExitCode.Failed;
    }

    static void Show(ScaleResult result)
    {
        var options = result.Options;
        string[] lines =
        [
            F($"machines      {options.FlopsPerSecond / 1e9:F1} GFLOP/s a worker, {options.MemoryBytesPerSecond / 1e9:F1} GB/s of memory, {options.BytesPerSecond * BitsPerByte / 1e9:G4} Gbit/s a link"),
            F($"cluster       {options.Workers} {(options.Workers == 1 ? "worker" : "workers")}, {result.ParameterServers} {(result.ParameterServers == 1 ? "parameter server" : "parameter servers")}, {options.TokensPerShard} tokens a shard, {options.Parameters / 1e6:G4}M parameters"),
            F($"step          {result.StepSeconds:G4} s, {result.TokensPerSecond:F0} tokens/s ({result.Steps} steps)"),
            F($"of it         {result.ComputeSeconds:G4} s a worker computes; 4P*max(1,W/S)/B is {result.ExchangeSeconds:G4} s each way"),
            F($"simulated     {result.Messages} messages, {result.Bytes / 1e9:F1} GB, in {result.RealSeconds:F1} s; trace {result.TraceHash:x16}"),
        ];
        foreach (var line in lines) Console.Out.WriteLine(line);
        if (result.Failure is { } failure) CommandLine.Fail(failure, ExitCode.Failed);
    }

    static string F(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
