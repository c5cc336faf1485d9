using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>What all generations of a run within one process have in common.</summary>
public sealed record GenerationSettings
{
    /// <summary>The run directory, which exists.</summary>
    public required string Run { get; init; }

    /// <summary>The job.</summary>
    public required Job Job { get; init; }

    /// <summary>Its data.</summary>
    public required JobData Data { get; init; }

    /// <summary>Its model.</summary>
    public required Model Model { get; init; }

    /// <summary>The file system.</summary>
    public required IRunFiles Files { get; init; }

    /// <summary>Where payloads are rented.</summary>
    public required PayloadPool Pool { get; init; }

    /// <summary>One worker of this process for each device.</summary>
    public required IReadOnlyList<Func<IDevice>> Devices { get; init; }

    /// <summary>Sends from outside of any actor.</summary>
    public required Action<ActorRef, Message> Send { get; init; }

    /// <summary>Workers, of whatever process, that must have joined before the first round.</summary>
    public int MinWorkers { get; init; } = 1;

    /// <summary>Parts of the parameters that this process keeps.</summary>
    public int ParameterServers { get; init; } = 1;

    /// <summary>Parts that other processes keep, which are waited for.</summary>
    public int ParameterServerProcesses { get; init; }

    /// <summary>What each parameter server keeps; null to cut the parameter vector evenly.</summary>
    public IReadOnlyList<ParameterRange>? Slices { get; init; }

    /// <summary>The <see cref="JobPackage"/> that other processes get; null where none can join.</summary>
    public byte[]? Package { get; init; }

    /// <summary>True when the recorder is to hear how the time of each step was spent (<see cref="StepWork"/>).</summary>
    public bool TellsWork { get; init; }

    /// <summary>Says why the leadership of this process may have ended; null while it has not. Null where there is no election.</summary>
    public Func<string?>? Lost { get; init; }

    /// <summary>What is told once, behind <see cref="RunStarted"/>.</summary>
    public IReadOnlyList<TrainingEvent> Announcements { get; init; } = [];
}
