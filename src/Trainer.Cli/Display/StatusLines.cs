using LstmCluster.Cli.Operations;

namespace LstmCluster.Cli.Display;

/// <summary>How a run stands, in plain lines.</summary>
static class StatusLines
{
    /// <summary>All of it.</summary>
    public static IEnumerable<string> Of(RunStatus status) => [.. Head(status), .. status.Workers.Select(Worker), .. Tail(status)];

    /// <summary>The run and where it is.</summary>
    public static IEnumerable<string> Head(RunStatus status)
    {
        yield return $"{status.Job ?? "a run"}{(status.Run is { } run ? $" in {run}" : "")}: {status.State}{(status.Reason is { } reason ? $" ({reason})" : "")}";
        var facts = new List<string> { $"step {Numbers.Count(status.Step)}{(status.Steps is { } steps ? $" of {Numbers.Count(steps)}" : "")}" };
        if (status.TrainLoss is { } loss) facts.Add($"loss {Numbers.Loss(loss)}");
        if (status.ValidationLoss is { } validation) facts.Add($"validation loss {Numbers.Loss(validation)}");
        facts.AddRange(new ValidationFigures(status.Accuracy, status.MacroF1, status.Mae, status.Rmse).Texts());
        if (status.TokensPerSecond is { } speed) facts.Add($"{Numbers.Count(speed)} tokens/s");
        if (status.Seconds is { } seconds) facts.Add($"trained for {Numbers.Time(seconds)}");
        if (status.Term is { } term) facts.Add($"term {Numbers.Count(term)}");
        yield return string.Join(", ", facts);
        if (status.Round is { } round) yield return $"now {round.Of}, for {Duration(round.Seconds)}: {round.ShardsDone} of {round.Shards} shards done";
    }

    /// <summary>Whatever is not of one worker.</summary>
    public static IEnumerable<string> Tail(RunStatus status)
    {
        if (status.ParameterServers.Count > 0) yield return $"weights kept by {string.Join(", ", status.ParameterServers)}";
        if (status.Network is { } network)
        {
            yield return $"network at {network.Address ?? "an address not known yet"}: {Numbers.Bytes(network.BytesSent)} sent, {Numbers.Bytes(network.BytesReceived)} received, "
                + $"{Numbers.Count(network.ConnectionsLost)} connections lost, {Numbers.Count(network.ConnectionsRefused)} refused, {Numbers.Count(network.ConnectionsMalformed)} malformed";
            foreach (var node in network.Nodes)
                yield return $"  {node.Name}{(node.RoundTripSeconds is { } trip ? $", round trip {Duration(trip)}" : "")}";
        }

        yield return status.Checkpoint is { } checkpoint ? $"checkpoint of step {Numbers.Count(checkpoint.Step)}, {Numbers.Time(checkpoint.AgeSeconds)} ago, in {checkpoint.Path}" : "no checkpoint yet";
        if (status.WeightsSha256 is { } hash) yield return $"weights {hash}";
    }

    /// <summary>Shards as runs: 0-3, 7.</summary>
    public static string Shards(IReadOnlyList<int> shards)
    {
        var runs = new List<string>();
        for (var first = 0; first < shards.Count;)
        {
            var last = first;
            while (last + 1 < shards.Count && shards[last + 1] == shards[last] + 1) last++;
            runs.Add(first == last ? $"{shards[first]}" : $"{shards[first]}-{shards[last]}");
            first = last + 1;
        }

        return string.Join(", ", runs);
    }

    /// <summary>Whom a worker waited for, in one line.</summary>
    public static string Waits(WorkerState worker) => string.Join(", ", worker.Waits.Where(wait => wait.Share >= 0.0005).Select(wait => $"{wait.On} {Numbers.Percent(wait.Share)}"));

    /// <summary>1.23 ms, 0.42 s.</summary>
    public static string Duration(double seconds) => seconds < 0.1
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{seconds * 1000:F2} ms")
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{seconds:F2} s");

    static string Worker(WorkerState worker)
    {
        var now = worker.Shards.Count == 0 ? "waits" : $"computes shards {Shards(worker.Shards)} for {Duration(worker.Seconds)}";
        var shares = worker.ComputeShare is { } computed
            ? $"; computed {Numbers.Percent(computed)}, waited {Numbers.Percent(worker.WaitShare!.Value)}{(Waits(worker) is { Length: > 0 } waits ? $" (for {waits})" : "")}"
            : "";
        return $"{worker.Name}{(worker.Device is { } device ? $" on {device}" : "")}: {now}{shares}; {Numbers.Count(worker.ShardsDone)} shards in all";
    }
}
