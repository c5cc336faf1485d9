using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Computes shards: holds one weight version, and answers an assignment with gradients and losses.</summary>
/// <remarks>
/// An assignment for weights that have not arrived yet waits for them, and asks for them when they are late; one for weights that are gone is dropped, since others have done its
/// work. Gradients leave piece by piece while the backward pass goes on. It belongs to one coordinator's reign and has no use for what is said in another.
/// </remarks>
/// <param name="compute">The worker's device and what runs on it.</param>
/// <param name="weights">Weight versions, put together and prepared for the device, shared with the other workers of its kind.</param>
/// <param name="run">Who assigns, and who sums.</param>
/// <param name="weightsTo">Who takes the weights for it, in a process apart from the coordinator's, and passes them on; null when it takes them itself.</param>
/// <param name="combiner">Who sums what the workers of its process compute, before it is sent; null for nobody.</param>
public sealed class Worker(
    IShardCompute compute, IWeightStore weights, RunContact run, ActorRef? weightsTo = null, ActorRef? combiner = null) : IActor, IDisposable
{
    static readonly TimeSpan FirstJoinWait = TimeSpan.FromMilliseconds(250), LongestJoinWait = TimeSpan.FromSeconds(2);

    static readonly TimeSpan LongestWeightsWait = TimeSpan.FromSeconds(5);

    readonly AssignmentQueue _waiting = new();
    readonly GradientSender _gradients = new(compute.GradientLength, compute.Precision, run, isApart: weightsTo is not null, combiner, weights.Pool);
    readonly Backoff _joining = new(FirstJoinWait, LongestJoinWait), _asking = new(run.WeightsWait, Longer(run.WeightsWait, LongestWeightsWait));
    WeightLease? _lease;

    // The moving average of the weights, from the validation that asks for it to the next step's weights.
    WeightLease? _average;
    long _life;
    bool _isWelcome, _isAsking, _isComputeDue;

    /// <inheritdoc/>
    public ValueTask StartedAsync(IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _life = context.Random.NextInt64(1, long.MaxValue);
        Join(context);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (message is ClusterMessage said && said.Term != run.Term) return context.Unhandled(message);
        switch (message)
        {
            case WeightsPublished part: if (weights.Assemble(part) is { } published) Adopt(published); break;
            case AssignShards assignment: _waiting.Add(assignment); break;
            case Welcome welcome: _isWelcome |= welcome.Life == _life; break;
            case JoinDue when _isWelcome: break;
            case JoinDue: Join(context); break;
            case WeightsDue due: AskFor(due.Version, context); break;
            case ComputeDue: ComputeOne(context); break;
            default: return context.Unhandled(message);
        }

        Continue(context);
        return ValueTask.CompletedTask;
    }

    /// <summary>Gives back weights and memory.</summary>
    public void Dispose()
    {
        _waiting.Dispose();
        _lease?.Dispose();
        _average?.Dispose();
        compute.Dispose();
    }

    void Join(IActorContext context)
    {
        context.SendOrLose(run.Coordinator, new WorkerJoined(context.Self, compute.DeviceName, weightsTo) { Term = run.Term, Life = _life, DeviceType = compute.DeviceType });
        context.Schedule(_joining.Next(), new JoinDue());
    }

    void Adopt(WeightsPublished published)
    {
        ref var lease = ref published.Version.Averaged ? ref _average : ref _lease;
        if (lease is not null && published.Version.Value <= lease.Version.Value)
        {
            published.Release();
            return;
        }

        // The old version goes back first, so that its memory can hold the new one.
        lease?.Dispose();
        lease = null;
        if (_average is not null && _average.Version.Value < published.Version.Value)
        {
            _average.Dispose();
            _average = null;
        }

        lease = weights.Acquire(published);
    }

    /// <summary>Sees to what waits: computes it once what is in the mailbox was looked at, which may make it obsolete; waits for its weights; or drops it.</summary>
    void Continue(IActorContext context)
    {
        if (_waiting.Round is not { Weights: var wanted } || _isComputeDue) return;
        var lease = LeaseOf(wanted);
        if (lease?.Version != wanted && weights.Find(wanted) is { } whole)
        {
            // Parts that were lost on the way here have reached another worker of the process: nobody would be asked for them.
            Adopt(whole);
            lease = LeaseOf(wanted);
        }

        if (lease?.Version == wanted)
        {
            _isComputeDue = true;
            try
            {
                context.Send(context.Self, new ComputeDue(_waiting.NextShards));
            }
            catch (MailboxFullException)
            {
                ComputeOne(context);
            }
        }
        else if (wanted.Value < Math.Max(_lease?.Version.Value ?? -1, lease?.Version.Value ?? -1))
        {
            _waiting.Drop();
        }
        else if (!_isAsking)
        {
            _isAsking = true;
            _asking.Reset();
            context.Schedule(_asking.Next(), new WeightsDue(wanted));
        }
    }

    WeightLease? LeaseOf(WeightVersion version) => version.Averaged ? _average : _lease;

    void AskFor(WeightVersion version, IActorContext context)
    {
        _isAsking = false;
        if (_waiting.Round?.Weights != version || LeaseOf(version)?.Version == version) return;
        var asked = new AskForWeights(context.Self, version) { Term = run.Term };
        if (weightsTo is not null)
        {
            context.SendOrLose(weightsTo, asked);
        }
        else
        {
            foreach (var (server, slice, _) in run.ParameterServers)
                if (weights.IsMissing(version, slice))
                    context.SendOrLose(server, asked);
        }

        _isAsking = true;
        context.Schedule(_asking.Next(), new WeightsDue(version));
    }

    void ComputeOne(IActorContext context)
    {
        _isComputeDue = false;

        // What came in between may have dropped it, or brought a newer round.
        if (_waiting.Round is not { Weights: var wanted } || LeaseOf(wanted) is not { } lease || lease.Version != wanted) return;
        var assignment = _waiting.Take();
        try
        {
            Compute(assignment, lease, context);
        }
        finally
        {
            assignment.Release();
        }
    }

    void Compute(AssignShards assignment, WeightLease lease, IActorContext context)
    {
        var start = context.Elapsed;
        var results = compute.Forward(assignment, lease);
        try
        {
            if (assignment.Round.Kind == WorkKind.Train)
                compute.Backward(lease, _gradients.Pieces, _gradients.Begin(assignment, context));
        }
        catch
        {
            foreach (var result in results) result.State?.Release();
            throw;
        }

        context.Send(run.Coordinator, new ShardsDone(context.Self, assignment.Round, assignment.Attempt, results, context.Elapsed - start) { Term = run.Term });
    }

    static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    sealed record JoinDue : Message;

    sealed record WeightsDue(WeightVersion Version) : Message;
}
