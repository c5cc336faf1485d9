namespace LstmCluster.Actors;

/// <summary>One process of a <see cref="SimulatedCluster"/>: a runtime with actors, clock, failure and connections of its own, that can crash and pause.</summary>
/// <remarks>
/// Its actors' paths begin with its name, <c>//w3/host</c>, as those of remote actors do in a <see cref="NetworkNode"/>. Their addresses are valid in
/// every process; what is sent to them from another one takes the connection between the two, and is a dead letter where there is none.
/// </remarks>
public sealed partial class SimulatedProcess : LocalRuntime
{
    readonly ProcessOptions _options;
    readonly ProcessClock _clock;
    ProcessEndKind _ending = ProcessEndKind.Stopped;
    bool _exiting;

    internal SimulatedProcess(SimulatedCluster cluster, ProcessSlot slot, ulong seed, ProcessOptions options)
        : base(seed, options.Observer)
    {
        (Cluster, Slot, _options, Engine) = (cluster, slot, options, cluster.Runtime);
        Id = new NodeId(slot.Name, slot.Incarnations);
        _clock = new ProcessClock(Engine.Clock, Engine.Now + options.ClockOffset, options.ClockDrift);
        CostFactor = options.CostFactor;
        BytesPerSecond = options.BytesPerSecond;
    }

    /// <summary>The name; one that was started again has it too.</summary>
    public string Name => Slot.Name;

    /// <summary>Name, and number of this start among all of that name.</summary>
    public NodeId Id { get; }

    /// <summary>The cluster that it belongs to.</summary>
    public SimulatedCluster Cluster { get; }

    /// <summary>False once it was stopped, has failed or has crashed.</summary>
    public bool IsAlive { get; private set; } = true;

    /// <inheritdoc/>
    public override DateTimeOffset Now => _clock.Now;

    /// <inheritdoc/>
    public override TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Times as long as <see cref="IDeliveryPolicy.CostOf"/> says that its actors take for a message from now on.</summary>
    public double CostFactor
    {
        get;
        set
        {
            if (!(value >= 0) || double.IsInfinity(value)) throw new ArgumentOutOfRangeException(nameof(value), value, "a factor is zero or more");
            field = value;
        }
    }

    internal SimulatedRuntime Engine { get; }

    internal ProcessSlot Slot { get; }

    /// <summary>True until it is gone and all of its actors were disposed.</summary>
    internal bool IsUnfinished => IsAlive || HasLiving;

    private protected override string PathPrefix => Slot.Path;

    /// <summary>Sets the date forward, or back. Timers and <see cref="Elapsed"/> go on as if nothing had been.</summary>
    public void StepClock(TimeSpan offset)
    {
        Engine.Trace("clock", Slot.Path, Slot.Path, "step");
        _clock.Step(offset);
    }

    /// <summary>Changes the pace of the clock. Timers that run already stay due when they were.</summary>
    /// <param name="drift">As <see cref="ProcessOptions.ClockDrift"/>.</param>
    public void PaceClock(double drift)
    {
        Engine.Trace("clock", Slot.Path, Slot.Path, "pace");
        _clock.Pace(drift);
    }

    /// <summary>Runs code of this process later, by its clock: not while it is paused, and not after its end. Disposing the result takes it back.</summary>
    public IDisposable After(TimeSpan delay, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return Engine.After(ToTrue(delay), action, this);
    }

    /// <summary>Stops its actors, children first; then it says goodbye to the others, and is gone.</summary>
    /// <remarks>What it has sent still arrives. While it is paused, nothing happens until it goes on.</remarks>
    public void Stop()
    {
        if (_exiting || !IsAlive) return;
        _exiting = true;
        Engine.Trace("stop", Slot.Path, Slot.Path, "process");
        StopRoots();
        if (!HasLiving) Engine.After(TimeSpan.Zero, Exit, this);
    }

    /// <summary>Kills it: its actors handle and send nothing more, and are disposed so that the simulation keeps nothing of theirs.</summary>
    /// <param name="unplugged">
    /// False for a process that died alone: its machine closes the connections, and the others notice at once. True for a machine that is gone:
    /// they notice when nothing was heard for <see cref="ClusterOptions.PeerTimeout"/>.
    /// </param>
    public void Crash(bool unplugged = false)
    {
        if (!IsAlive) return;
        Silence();
        var roots = Roots();
        Slot.IsUnplugged = unplugged;
        Aborted = Engine.Clock.Elapsed;
        End(ProcessEndKind.Crashed, "it has crashed", unplugged);
        foreach (var root in roots) root.Kill(new KilledException(root), Aborted);
    }

    /// <summary>Stops it in order, and runs the simulation until it is gone.</summary>
    /// <exception cref="SimulationException">Nothing is left to do, and it is still there.</exception>
    public override ValueTask DisposeAsync()
    {
        Resume();
        Stop();
        if (IsUnfinished) Engine.RunUntil(() => !IsUnfinished, TimeSpan.MaxValue);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override string ToString() => Id.ToString();

    internal IEnumerable<string> DescribeUnfinished() => HasLiving ? [DescribeLiving()] : [];

    internal TimeSpan ToTrue(TimeSpan local) => _clock.ToTrue(local);

    internal ActorCell? FindLocal(string path) => Find(Slot.Path + path);

    internal override Mailbox CreateMailbox(ActorCell cell) => new SimulatedMailbox(Engine, cell);

    internal override void StartTimer(ScheduledMessage timer, TimeSpan delay) =>
        Engine.Clock.Add(Engine.Departure + ToTrue(delay), new TimerEvent(timer, this));

    internal override void Forget(ActorCell cell)
    {
        base.Forget(cell);
        if (HasLiving) return;
        if (!IsAlive) Cluster.Finish(this);
        else if (_exiting) Engine.After(TimeSpan.Zero, Exit, this);
    }

    /// <summary>A failure ends this process, and no other one.</summary>
    internal override void Fault(Exception exception)
    {
        base.Fault(exception);
        _ending = ProcessEndKind.Failed;
        Stop();
    }

    void Exit()
    {
        if (IsAlive && !HasLiving) End(_ending, "it shuts down", unplugged: false);
    }

    void End(ProcessEndKind kind, string reason, bool unplugged)
    {
        Engine.Trace("end", Slot.Path, Slot.Path, kind.ToString());
        Resume();
        IsAlive = false;
        TryClose();
        Slot.Process = null;
        Disconnect(reason, kind, unplugged);
        if (!HasLiving) Cluster.Finish(this);
        var end = new ProcessEnd(this, kind, kind == ProcessEndKind.Failed ? Failure.Result : null);
        Cluster.ReportEnded(end);
        _options.Ended?.Invoke(end);
    }
}
