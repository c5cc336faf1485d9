using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Sums what the workers of one process compute, along the same tree as everybody, so that the fewest gradients are sent to other processes.</summary>
/// <remarks>
/// Nothing waits here for ever: what has no sibling yet is sent as it is when nothing more has come for <see cref="PatienceLimit"/>, when a worker of the process is gone, or when
/// a newer step's gradients come. A part with NaN or infinity is sent by itself, so that the parameter server can say whose it is.
/// </remarks>
/// <param name="tree">The reduction tree.</param>
/// <param name="device">Adds; disposed with this.</param>
/// <param name="routes">Where gradients go.</param>
/// <param name="precision">What each sum is rounded to.</param>
/// <param name="pool">Where the 16-bit forms are rented that are sent.</param>
sealed class GradientCombiner(ShardTree tree, IDevice device, GradientRoutes routes, GradientPrecision precision, PayloadPool pool) : IActor, IDisposable
{
    /// <summary>Time after the last arrival that a part waits for its sibling.</summary>
    public static readonly TimeSpan PatienceLimit = TimeSpan.FromMilliseconds(250);

    readonly Dictionary<(int Offset, ShardRange Node), PushGradient> _parts = [];
    readonly List<ShardRange> _cover = [];
    Step _step;
    TimeSpan _lastArrival;
    bool _isFlushDue;

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        switch (message)
        {
            case CombineGradient combine: Take(combine, context); break;
            case FlushGradients: SendAll(context); break;
            case FlushDue: SendWhatWaitedLong(context); break;
            default: return context.Unhandled(message);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Gives back what waits.</summary>
    public void Dispose()
    {
        foreach (var part in _parts.Values) part.Release();
        _parts.Clear();
        device.Dispose();
    }

    void Take(CombineGradient combine, IActorContext context)
    {
        var push = combine.Push;
        if (push.Step.Value > _step.Value)
        {
            SendAll(context);
            _step = push.Step;
        }

        if (push.Step != _step || !IsFinite(push))
        {
            routes.Send(push, pool, context);
            return;
        }

        _lastArrival = context.Elapsed;
        Merge(push, GoalOf(push.Node, combine.HostShards), context);
    }

    /// <summary>The node that a process's part of the tree has above a node: what it sends.</summary>
    ShardRange GoalOf(ShardRange node, IReadOnlyList<int> hostShards)
    {
        _cover.Clear();
        tree.Cover([.. hostShards], _cover);
        foreach (var goal in _cover)
            if (goal.First <= node.First && node.End <= goal.End)
                return goal;
        return node;
    }

    void Merge(PushGradient push, ShardRange goal, IActorContext context)
    {
        while (push.Node != goal)
        {
            var (sibling, parent) = tree.SiblingOf(push.Node);
            if (!_parts.Remove((push.Slice.Offset, sibling), out var other))
            {
                Keep(push, context);
                return;
            }

            // The left half is the one added to, as everywhere along the tree.
            var (left, right) = push.Node.First < sibling.First ? (push, other) : (other, push);
            var sum = Writable(left.Gradient.Singles!);
            Add(sum, right.Gradient.Singles!);
            right.Release();
            push = push with { Node = parent, Attempt = Math.Max(push.Attempt, other.Attempt), Gradient = sum };
        }

        routes.Send(push, pool, context);
    }

    void Keep(PushGradient push, IActorContext context)
    {
        // One that is there already has the same bits.
        if (!_parts.TryAdd((push.Slice.Offset, push.Node), push)) push.Release();
        if (_isFlushDue) return;
        _isFlushDue = true;
        context.Schedule(PatienceLimit, new FlushDue());
    }

    /// <summary>The same numbers where nobody else reads them.</summary>
    Payload<float> Writable(Payload<float> numbers)
    {
        if (numbers.References == 1) return numbers;
        var own = pool.Copy<float>(numbers.Span);
        numbers.Release();
        return own;
    }

    void Add(Payload<float> left, Payload<float> right)
    {
        using var target = device.Import(left.Memory);
        using var source = device.Import(right.Memory);
        device.Add(target.All, source.All);
        if (precision == GradientPrecision.Bf16) device.RoundToBf16(target.All);
        device.Read(target.All, left.Span);
    }

    bool IsFinite(PushGradient push)
    {
        if (push.Gradient.Singles is not { } singles) return false;
        using var numbers = device.Import(singles.Memory);
        Span<double> sum = stackalloc double[1];
        device.SumSquares(numbers.All, singles.Length, sum);
        return double.IsFinite(sum[0]);
    }

    void SendWhatWaitedLong(IActorContext context)
    {
        _isFlushDue = false;
        if (_parts.Count == 0) return;
        var left = _lastArrival + PatienceLimit - context.Elapsed;
        if (left <= TimeSpan.Zero)
        {
            SendAll(context);
            return;
        }

        _isFlushDue = true;
        context.Schedule(left, new FlushDue());
    }

    void SendAll(IActorContext context)
    {
        foreach (var (key, part) in _parts.OrderBy(part => part.Key.Offset).ThenBy(part => part.Key.Node.First))
        {
            _parts.Remove(key);
            routes.Send(part, pool, context);
        }
    }

    sealed record FlushDue : Message;
}

/// <summary>Worker to the combiner of its process: a piece of a gradient.</summary>
/// <param name="Push">The piece, as it would be sent to the parameter server.</param>
/// <param name="HostShards">What the workers of the process compute in all.</param>
sealed record CombineGradient(PushGradient Push, IReadOnlyList<int> HostShards) : Message
{
    public override void Release() => Push.Release();
}

/// <summary>Host to combiner: a worker of the process is gone, so send what is there.</summary>
sealed record FlushGradients : Message;
