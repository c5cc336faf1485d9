using LstmCluster.Actors;
using LstmCluster.Training;

namespace LstmCluster.Cli.Operations;

/// <summary>Remembers of a run's events what its pages show, and asks the coordinator for the rest.</summary>
/// <param name="time">Tells how old a checkpoint is.</param>
sealed class RunWatch(TimeProvider time) : ITrainingObserver, IWorkObserver
{
    /// <summary>Time that the coordinator has to answer. It never computes, so a longer silence is a defect.</summary>
    static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(5);

    readonly Lock _gate = new();
    readonly Dictionary<string, string> _devices = [];
    readonly WorkShares _work = new();
    (Func<TimeSpan, Task<CoordinatorStatus>> Ask, Func<NetworkNode?> Network)? _run;
    RunStatus _known = new() { State = RunState.Starting };
    string? _address;
    (CheckpointWritten Event, long At)? _checkpoint;
    long _resumedFrom;

    /// <summary>The run directory; null before it is open.</summary>
    public string? Run
    {
        get
        {
            lock (_gate) return _known.Run;
        }
    }

    /// <summary>From now on there is a coordinator to ask.</summary>
    /// <param name="ask">Asks it; throws a <see cref="TimeoutException"/> when it does not answer within the time given.</param>
    /// <param name="network">The connections to other processes, which a standby does not have yet; null where none can join.</param>
    public void Begin(Func<TimeSpan, Task<CoordinatorStatus>> ask, Func<NetworkNode?> network)
    {
        lock (_gate) _run = (ask, network);
    }

    /// <summary>From now on there is none.</summary>
    public void End()
    {
        lock (_gate) _run = null;
    }

    /// <inheritdoc/>
    public void On(TrainingEvent happened)
    {
        lock (_gate) Take(happened);
    }

    /// <inheritdoc/>
    public void On(StepWork work)
    {
        lock (_gate) _work.Add(work);
    }

    /// <summary>How the run stands now.</summary>
    public async Task<RunStatus> StatusAsync()
    {
        (Func<TimeSpan, Task<CoordinatorStatus>> Ask, Func<NetworkNode?> Network) run;
        lock (_gate)
        {
            // A standby has no coordinator before its turn comes and the run begins here.
            if (_run is null || _known.Run is null || HasEnded) return Known();
            run = _run.Value;
        }

        try
        {
            var status = await run.Ask(s_answerLimit).ConfigureAwait(false);
            lock (_gate) return HasEnded ? Known() : With(status, run.Network());
        }
        catch (TimeoutException)
        {
            lock (_gate)
            {
                return HasEnded || _run is null ? Known() : Known() with { State = RunState.Stuck, Reason = $"the coordinator has not answered within {s_answerLimit.TotalSeconds:F0} s" };
            }
        }
    }

    bool HasEnded => _known.State is RunState.Finished or RunState.Interrupted or RunState.Failed or RunState.Deposed;

    void Take(TrainingEvent happened)
    {
        switch (happened)
        {
            case RunStarted e:
                _resumedFrom = e.Step;
                _known = new RunStatus { State = RunState.Starting, Run = Path.GetFullPath(e.Run), Job = e.Name, Step = e.Step, Steps = e.Steps };
                break;

            // Before the run begins: what takes its time, such as the coordinator that a standby stands by for.
            case Noticed e when _known.Run is null: _known = _known with { Reason = e.Message }; break;
            case Listening e: _address = e.Address; break;
            case StepCompleted e:
                _known = _known with { Step = e.Step, TrainLoss = e.TrainLoss, TokensPerSecond = e.TokensPerSecond, Seconds = e.Seconds };
                break;
            case ValidationCompleted e: _known = _known with { ValidationLoss = e.ValidationLoss, Accuracy = e.Accuracy, MacroF1 = e.MacroF1, Mae = e.Mae, Rmse = e.Rmse }; break;
            case CheckpointWritten e: _checkpoint = (e, time.GetTimestamp()); break;
            case WorkerCame e: _devices[e.Worker] = e.Device; break;
            case WorkerWent e: _devices.Remove(e.Worker); break;
            case RunFinished e:
                _known = _known with
                {
                    State = RunState.Finished,
                    Step = e.Step,
                    ValidationLoss = e.ValidationLoss,
                    TokensPerSecond = e.TokensPerSecond,
                    Seconds = e.Seconds,
                    WeightsSha256 = e.WeightsSha256,
                };
                break;
            case RunInterrupted e: _known = _known with { State = RunState.Interrupted, Step = e.Step }; break;
            case RunRestarted e:
                _devices.Clear();
                _known = _known with { Step = e.Step };
                break;
            case RunDeposed e: _known = _known with { State = RunState.Deposed, Reason = e.Reason }; break;
            case RunFailed e: _known = _known with { State = RunState.Failed, Reason = e.Reason }; break;
        }
    }

    RunStatus Known() => _known with { Checkpoint = Checkpoint() };

    RunStatus With(CoordinatorStatus status, NetworkNode? node) => Known() with
    {
        State = status.Phase switch
        {
            RunPhase.WaitingForWorkers => RunState.Waiting,
            RunPhase.Ending => RunState.Ending,
            _ => RunState.Training,
        },
        Reason = status.Phase != RunPhase.WaitingForWorkers ? null
            : status.WorkersAwaited > 1 ? $"{status.WorkersAwaited} more workers have to join" : "a worker has to join",
        Term = status.Term > 0 ? status.Term : null,
        Step = status.Step,
        Round = status.Round is { } round ? new RoundState(round, status.RoundTime.TotalSeconds, status.ShardsDone, status.Shards) : null,
        Workers = [.. status.Workers.Select(worker => _work.Of(worker, _devices.GetValueOrDefault(worker.Name)))],
        ParameterServers = status.ParameterServers,
        Network = node is null ? null : Of(node),
    };

    CheckpointState? Checkpoint() =>
        _checkpoint is { } last ? new CheckpointState(last.Event.Step, Path.GetFullPath(last.Event.Path), time.GetElapsedTime(last.At).TotalSeconds)
        : _resumedFrom > 0 && _known.Run is { } run ? CheckpointOnDisk.Newest(run, time)
        : null;

    NetworkState Of(NetworkNode node)
    {
        var counted = node.Statistics;
        return new NetworkState(
            _address, counted.PayloadBytesSent, counted.PayloadBytesReceived, counted.NodesLost, counted.ConnectionsRefused, counted.MalformedConnections,
            [.. node.Connected.Select(peer => new NodeState(peer.Name, peer.RoundTrip?.TotalSeconds))]);
    }
}
