using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Makes one coordinator with all that it starts.</summary>
/// <param name="settings">What all generations have in common.</param>
/// <param name="start">What it starts from; disposed with the generation.</param>
/// <param name="weights">Where its workers prepare weights; disposed with the generation.</param>
/// <param name="term">Its term.</param>
/// <param name="keeper">Who hears its events.</param>
/// <param name="clock">What the process counts.</param>
/// <param name="attendance">Which other processes take part.</param>
/// <param name="checkpointer">Makes who writes checkpoints, from the coordinator's address.</param>
sealed class GenerationParts(
    GenerationSettings settings, StartState start, WeightCaches weights, Term term, ActorRef keeper, RunClock clock, Attendance attendance,
    Func<ActorRef, IActor> checkpointer)
{
    readonly Job _job = settings.Job;
    readonly Model _model = settings.Model;

    /// <summary>The generation.</summary>
    /// <param name="events">What is to be told before it starts.</param>
    public Generation Assemble(IReadOnlyList<TrainingEvent> events) => new(start.Step, Coordinator, events, Release);

    Coordinator Coordinator()
    {
        var source = ShardSource.Of(settings.Data, _job.Training.Shards, _job.Seed, settings.Pool);
        var plan = PlanMapping.Of(_job, settings.Data.Encoding, settings.Run) with
        {
            Term = term,
            MinWorkers = settings.MinWorkers,
            TakesRemoteWorkers = settings.Package is not null,
            ParameterServers = settings.ParameterServers,
            ParameterServerProcesses = settings.ParameterServerProcesses,
            Slices = settings.Slices,
            Devices = start.Devices,
        };
        return new Coordinator(plan, source, Crew(), start.Step, start.Position, start.TakeCarried(), start.Validations);
    }

    CoordinatorCrew Crew()
    {
        var tree = new ShardTree(_job.Training.Shards);
        var workers = new WorkerSlot(_model, _job, weights, settings.Pool);
        return new CoordinatorCrew(
            start.TakeParameters(), (part, coordinator) => new ParameterServer(State(part), tree, coordinator, term, settings.Pool, _job.Training.Gradients), checkpointer,
            [.. settings.Devices.Select<Func<IDevice>, Func<RunContact, IActor>>(open => run => workers.CreateWorker(open, run))], keeper)
        {
            ParameterServerSupervision = new Supervision(Decide, 0, TimeSpan.MaxValue),
            Job = settings.Package is null ? null : () => settings.Pool.Copy<byte>(settings.Package),
            TellsWork = settings.TellsWork,
            Clock = clock,
            Attendance = attendance,
        };
    }

    ParameterState State(ParameterStart part) => new(
        CpuDevice.Create(), UpdateMapping.Of(_job.Training, _model.Parameters), ParameterSlice.Of(_model.Parameters.Length, part.Slice), part, settings.Pool);

    /// <summary>A receiver in another process that takes no more is the coordinator's to deal with; anything else ends the run.</summary>
    Directive Decide(Exception failure)
    {
        if (failure is not MailboxFullException { RefusedBy: { } receiver }) return Directive.Escalate;
        settings.Send(keeper, new ReceiverOverrun(receiver, failure.Message));
        return Directive.Resume;
    }

    void Release()
    {
        start.Dispose();
        weights.Dispose();
    }
}
