using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LstmCluster.Cli.Operations;

/// <summary>How a run stands: what the status page says and <c>status</c> shows.</summary>
sealed record RunStatus
{
    static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>One of <see cref="RunState"/>.</summary>
    public required string State { get; init; }

    /// <summary>Full path of the run directory; null before it is opened.</summary>
    public string? Run { get; init; }

    /// <summary>The job's name.</summary>
    public string? Job { get; init; }

    /// <summary>Number of the coordinator's reign.</summary>
    public long? Term { get; init; }

    /// <summary>The last step applied.</summary>
    public long Step { get; init; }

    /// <summary>Steps of the job.</summary>
    public long? Steps { get; init; }

    /// <summary>Mean loss of the last step's targets.</summary>
    public double? TrainLoss { get; init; }

    /// <summary>Mean loss of the held-out targets, when last computed.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Share of the held-out targets that were told right, when last computed; null where there is none.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Mean F1 of the held-out classes, when last computed; null where there are none.</summary>
    public double? MacroF1 { get; init; }

    /// <summary>Mean absolute error on the held-out part, when last computed; null where targets are classes.</summary>
    public double? Mae { get; init; }

    /// <summary>Root of the mean squared error on the held-out part, when last computed; null where targets are classes.</summary>
    public double? Rmse { get; init; }

    /// <summary>Targets per second of the last step; the mean of the process at the end.</summary>
    public double? TokensPerSecond { get; init; }

    /// <summary>Seconds that the process has trained.</summary>
    public double? Seconds { get; init; }

    /// <summary>Why the run failed, or what is waited for: before it begins the last that was said of it, such as the coordinator that a standby stands by for.</summary>
    public string? Reason { get; init; }

    /// <summary>What is being computed; null between two rounds.</summary>
    public RoundState? Round { get; init; }

    /// <summary>The workers that are ready.</summary>
    public IReadOnlyList<WorkerState> Workers { get; init; } = [];

    /// <summary>Who sums gradients and keeps weights.</summary>
    public IReadOnlyList<string> ParameterServers { get; init; } = [];

    /// <summary>The connections to other processes; null where none can join.</summary>
    public NetworkState? Network { get; init; }

    /// <summary>The newest checkpoint; null when there is none.</summary>
    public CheckpointState? Checkpoint { get; init; }

    /// <summary>SHA-256 of the result; null unless the run is done.</summary>
    public string? WeightsSha256 { get; init; }

    /// <summary>As one JSON object on one line.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_options);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static RunStatus Parse(string json) => JsonSerializer.Deserialize<RunStatus>(json, s_options) ?? throw new JsonException("it is null");
}

/// <summary>What a run is at.</summary>
static class RunState
{
    /// <summary>Data are fetched and checkpoints read; or a standby waits for its turn.</summary>
    public const string Starting = "starting";

    /// <summary>Not enough workers have joined, or every one is lost.</summary>
    public const string Waiting = "waiting for workers";

    /// <summary>Steps are made.</summary>
    public const string Training = "training";

    /// <summary>The last checkpoint is written.</summary>
    public const string Ending = "ending";

    /// <summary>The coordinator does not answer.</summary>
    public const string Stuck = "not answering";

    /// <summary>A process trains, without pages that would tell more.</summary>
    public const string Running = "running";

    /// <summary>The job is done.</summary>
    public const string Finished = "finished";

    /// <summary>It was asked to stop.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>It could not go on.</summary>
    public const string Failed = "failed";

    /// <summary>Another coordinator, of a higher term, has the run.</summary>
    public const string Deposed = "deposed";

    /// <summary>The process is gone and has not said why.</summary>
    public const string Killed = "killed";
}

/// <summary>What is being computed.</summary>
/// <param name="Of">The round in words, such as <c>step 12</c>.</param>
/// <param name="Seconds">How long it has been.</param>
/// <param name="ShardsDone">Shards that have a result.</param>
/// <param name="Shards">Shards of the round.</param>
sealed record RoundState(string Of, double Seconds, int ShardsDone, int Shards);

/// <summary>What a worker does.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Device">Its device, if known.</param>
/// <param name="Shards">Shards that it computes at this moment.</param>
/// <param name="Seconds">How long it has been computing the oldest of them.</param>
/// <param name="ComputeShare">Share of the last steps' time in which it computed, 0 to 1; null before its first step.</param>
/// <param name="WaitShare">Share in which it waited.</param>
/// <param name="Waits">Whom it waited for, longest first.</param>
/// <param name="ComputeSeconds">Time that it has computed in all.</param>
/// <param name="ShardsDone">Shards that it has computed in all.</param>
sealed record WorkerState(
    string Name, string? Device, IReadOnlyList<int> Shards, double Seconds, double? ComputeShare, double? WaitShare, IReadOnlyList<WaitState> Waits,
    double ComputeSeconds, long ShardsDone);

/// <summary>Whom a worker waited for.</summary>
/// <param name="On">A worker, a parameter server, or the reason why it had nothing to do.</param>
/// <param name="Share">Share of the last steps' time, 0 to 1.</param>
/// <param name="Seconds">Time in all.</param>
sealed record WaitState(string On, double Share, double Seconds);

/// <summary>The connections to other processes.</summary>
/// <param name="Address">Where they join.</param>
/// <param name="BytesSent">Bytes of payloads sent.</param>
/// <param name="BytesReceived">Bytes of payloads received.</param>
/// <param name="ConnectionsLost">Connections of nodes that ended.</param>
/// <param name="ConnectionsRefused">Connections from outside that did not become one of a node.</param>
/// <param name="ConnectionsMalformed">Connections closed because of bytes that cannot be.</param>
/// <param name="Nodes">The processes connected now.</param>
sealed record NetworkState(
    string? Address, long BytesSent, long BytesReceived, long ConnectionsLost, long ConnectionsRefused, long ConnectionsMalformed, IReadOnlyList<NodeState> Nodes);

/// <summary>A process that is connected.</summary>
/// <param name="Name">Its name.</param>
/// <param name="RoundTripSeconds">There and back, as the operating system smooths it; null where it does not tell.</param>
sealed record NodeState(string Name, double? RoundTripSeconds);

/// <summary>A checkpoint.</summary>
/// <param name="Step">Its step.</param>
/// <param name="Path">Its directory.</param>
/// <param name="AgeSeconds">Time since it was complete.</param>
sealed record CheckpointState(long Step, string Path, double AgeSeconds);
