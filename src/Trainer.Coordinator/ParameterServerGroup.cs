using System.Globalization;
using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The coordinator's part that deals with all parameter servers, of this process and of others, as with one.</summary>
sealed class ParameterServerGroup : IDisposable
{
    readonly TrainingPlan _plan;
    readonly CoordinatorCrew _crew;
    readonly Seat[] _seats;
    ParameterStart? _start;

    /// <param name="plan">How many there are, and where.</param>
    /// <param name="crew">Makes those of this process, and has what they start from.</param>
    public ParameterServerGroup(TrainingPlan plan, CoordinatorCrew crew)
    {
        (_plan, _crew, _start) = (plan, crew, crew.Parameters);
        _seats = Seats(plan, crew.Parameters.Slice.Length);
        Slices = [.. _seats.Select(seat => seat.Slice)];
    }

    /// <summary>What each server keeps, ascending.</summary>
    public IReadOnlyList<ParameterRange> Slices { get; }

    /// <summary>Number of servers.</summary>
    public int Count => _seats.Length;

    /// <summary>True when all of them keep their parts.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Processes that have yet to ask for a part.</summary>
    public int Awaited => _seats.Count(seat => seat is { IsRemote: true, Host: null });

    /// <summary>Those that keep their parts by now.</summary>
    public IReadOnlyList<ActorRef> Present => [.. _seats.Select(seat => seat.Server).OfType<ActorRef>()];

    /// <summary>Where gradients are sent, and weights come from, by slice.</summary>
    public IReadOnlyList<ParameterServerAddress> Addresses => [.. _seats.Select(seat => new ParameterServerAddress(seat.Server!, seat.Slice, seat.Endpoint))];

    /// <summary>Time that a slow network needs for the weights and the optimizer's state: nobody is asked for them again before.</summary>
    public TimeSpan TimeToSendAll => TimeToSend(Slices[^1].End);

    /// <summary>Which server keeps a slice; -1 for nobody.</summary>
    public int IndexOf(ParameterRange slice) => Array.FindIndex(_seats, seat => seat.Slice == slice);

    /// <summary>Starts those of this process.</summary>
    public void Start(IActorContext context)
    {
        var coordinator = context.Self;
        for (var index = 0; index < _seats.Length; index++)
        {
            var seat = _seats[index];
            if (seat.IsRemote) continue;
            var name = _seats.Length == 1 ? "parameter-server" : string.Create(CultureInfo.InvariantCulture, $"parameter-server-{index}");
            var part = _start!.Part(seat.Slice);

            // Made at once: the part has been handed over to it, whether it comes to start or not.
            var server = _crew.ParameterServer(part, coordinator);
            seat.Server = context.Spawn(name, () => server, new ActorOptions
            {
                MailboxCapacity = MailboxRoom.OfParameterServer(_plan.Shards, ParameterSlice.Of(_crew.Parameters.Slice.Length, seat.Slice).Buckets.Count),
                Supervision = _crew.ParameterServerSupervision,
            });
            context.Watch(seat.Server);
        }

        GetReady();
    }

    /// <summary>Another process offers to keep a part. It asks again until it gets one.</summary>
    public void Answer(AskForJob asked, IActorContext context)
    {
        if (Array.Exists(_seats, seat => seat.Host == asked.Host) || Array.Find(_seats, seat => seat is { IsRemote: true, Host: null }) is not { } free) return;
        (free.Host, free.Endpoint) = (asked.Host, asked.Endpoint);
        context.Watch(asked.Host);
        free.Serve.Begin(context.Elapsed, TimeToSend(free.Slice.Length));
        Give(free, context);
    }

    /// <summary>Another process keeps its part.</summary>
    /// <returns>True when it was the last one.</returns>
    public bool Take(ParametersServed served, IActorContext context)
    {
        if (Array.Find(_seats, seat => seat.Host == served.Host && seat.Slice == served.Slice) is not { Server: null } seat) return false;
        seat.Server = served.Server;
        seat.Serve.End();
        context.Watch(seat.Server);
        GetReady();
        return IsReady;
    }

    /// <summary>An actor is gone.</summary>
    /// <exception cref="GenerationLostException">It kept parameters.</exception>
    public void Forget(Terminated gone)
    {
        foreach (var seat in _seats)
        {
            if (seat.Server == gone.Actor || (seat.Host == gone.Actor && seat.Server is not null))
                throw new GenerationLostException($"parameter server {gone.Actor.Name} is gone: {gone.Failure?.Message ?? "it was stopped"}");

            // Nothing is lost with one that has not begun: another one may come.
            if (seat.Host == gone.Actor) seat.Leave();
        }
    }

    /// <summary>Gives parts again to those that have not said that they keep them.</summary>
    /// <exception cref="GenerationLostException">One has not said so for too long.</exception>
    public void Check(IActorContext context)
    {
        if (IsReady) return;
        foreach (var seat in _seats)
        {
            if (seat.Serve.Waited(context.Elapsed) >= seat.Serve.Limit(_plan.Waits.ParameterServer)) throw Silent(seat, "to keep its part", seat.Serve.Waited(context.Elapsed));
            if (seat.Serve.IsDue(context.Elapsed)) Give(seat, context);
        }
    }

    /// <summary>Tells all of them something that carries no payload.</summary>
    public void SendToAll(ClusterMessage message, IActorContext context)
    {
        for (var server = 0; server < _seats.Length; server++) SendTo(server, message, context);
    }

    /// <summary>Tells one of them something that carries no payload. One that takes no more is told again, as one that does not answer is.</summary>
    public void SendTo(int server, ClusterMessage message, IActorContext context) => context.SendOrLose(_seats[server].Server!, message with { Term = _plan.Term });

    /// <summary>That a server has not answered.</summary>
    /// <param name="server">Its index.</param>
    /// <param name="what">What it was to do.</param>
    /// <param name="waited">For how long it was waited for.</param>
    public GenerationLostException Silent(int server, string what, TimeSpan waited) => Silent(_seats[server], what, waited);

    /// <summary>Gives back what is left of what the run started from.</summary>
    public void Dispose()
    {
        _start?.Release();
        _start = null;
    }

    // With two vectors of the optimizer, in single precision, at 1 Gbit/s.
    static TimeSpan TimeToSend(int length) => TimeSpan.FromSeconds(length * 3.0 * sizeof(float) / 125e6);

    static GenerationLostException Silent(Seat seat, string what, TimeSpan waited) => new(string.Create(
        CultureInfo.InvariantCulture, $"parameter server {(seat.Server ?? seat.Host!).Name} was {what}, and has not answered for {waited.TotalSeconds:F1} s"));

    void GetReady()
    {
        if (!Array.TrueForAll(_seats, seat => seat.Server is not null)) return;
        IsReady = true;
        Dispose();
    }

    void Give(Seat seat, IActorContext context)
    {
        var part = _start!.Part(seat.Slice);
        var job = _crew.Job ?? throw new InvalidOperationException("a parameter server of another process needs the job");
        context.SendOrLose(seat.Host!, new ServeParameters(part.Slice, new Step(part.Version.Value), job(), part.Weights, part.OptimizerState) { Term = _plan.Term });
    }

    static Seat[] Seats(TrainingPlan plan, int length)
    {
        var slices = plan.Slices ?? ParameterBuckets.Split(length, Math.Max(1, plan.ParameterServers + plan.ParameterServerProcesses));

        // A model of few buckets needs fewer servers; those of other processes were started for nothing else.
        var local = Math.Max(0, slices.Count - plan.ParameterServerProcesses);
        return [.. slices.Select((slice, index) => new Seat(slice, index >= local, plan.Waits))];
    }

    /// <summary>One part of the parameters, and who keeps it.</summary>
    sealed class Seat(ParameterRange slice, bool isRemote, WaitLimits waits)
    {
        public ParameterRange Slice => slice;

        public bool IsRemote => isRemote;

        public Patience Serve { get; } = new(waits.Serve);

        public ActorRef? Host { get; set; }

        public string? Endpoint { get; set; }

        public ActorRef? Server { get; set; }

        public void Leave()
        {
            (Host, Endpoint) = (null, null);
            Serve.End();
        }
    }
}
