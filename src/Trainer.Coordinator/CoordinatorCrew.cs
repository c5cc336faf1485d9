using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Makes the actors that the coordinator starts and supervises.</summary>
/// <param name="Parameters">Weights and optimizer state that the run starts from; taken over with the crew.</param>
/// <param name="ParameterServer">From the part that it keeps, which is taken over, and the coordinator's address.</param>
/// <param name="Checkpointer">From the coordinator's address.</param>
/// <param name="Workers">From whom they have to do with; one for each worker of this process.</param>
/// <param name="Recorder">Who is told of events.</param>
public sealed record CoordinatorCrew(
    ParameterStart Parameters, Func<ParameterStart, ActorRef, IActor> ParameterServer, Func<ActorRef, IActor> Checkpointer,
    IReadOnlyList<Func<RunContact, IActor>> Workers, ActorRef Recorder)
{
    /// <summary>What is done about an exception of a parameter server of this process. However it ends, the generation ends with it.</summary>
    public Supervision ParameterServerSupervision { get; init; } = Supervision.EscalateOnFailure;

    /// <summary>Makes the <see cref="JobPackage"/> that other processes get; null when none can ask for it.</summary>
    public Func<Payload<byte>>? Job { get; init; }

    /// <summary>What the process has counted in generations before; null where this is the first and only one.</summary>
    public RunClock? Clock { get; init; }

    /// <summary>Which other processes took part in generations before; null where this is the first and only one.</summary>
    public Attendance? Attendance { get; init; }

    /// <summary>True when the recorder is to hear how the time of each step was spent (<see cref="StepWork"/>).</summary>
    public bool TellsWork { get; init; }
}
