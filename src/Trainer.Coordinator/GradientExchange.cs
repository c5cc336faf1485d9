using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The coordinator's part that takes a step's gradient through the parameter servers: sum, then update. Both are asked for again until they are there.</summary>
/// <param name="servers">The parameter servers.</param>
/// <param name="waits">How long they may take.</param>
sealed class GradientExchange(ParameterServerGroup servers, WaitLimits waits) : IDisposable
{
    readonly BlockAnswers _summed = new(servers), _applied = new(servers);
    readonly Patience _sum = new(waits.Sum), _apply = new(waits.Apply);

    // When each was first asked for its sum without an answer since; null for those who have answered.
    readonly TimeSpan?[] _silent = new TimeSpan?[servers.Count];
    Step _step;
    ApplyStep? _order;
    TimeSpan _shardsIn, _usualSum;

    /// <summary>True when every shard is in the sum of every server.</summary>
    public bool IsSummed => _summed.IsComplete;

    /// <summary>Sum of squares of the summed gradient.</summary>
    public double SumSquares => _summed.Sum;

    /// <summary>Sum of squares of the gradient as it was applied.</summary>
    public double AppliedSquares => _applied.Sum;

    /// <summary>True while the parameter servers make the step's weights, which needs no worker.</summary>
    public bool IsApplying => _order is not null;

    /// <summary>A step begins.</summary>
    public void Begin(Step step)
    {
        _step = step;
        _summed.Clear();
        _applied.Clear();
        _sum.End();
        Array.Clear(_silent);
    }

    /// <summary>A server has its sum.</summary>
    public void Take(GradientSummed summed)
    {
        if (summed.Step != _step || IsApplying)
        {
            summed.Release();
            return;
        }

        var server = _summed.Take(summed.Slice, summed.BlockSquares);
        if (server >= 0) _silent[server] = null;
    }

    /// <summary>A server has said what its sum waits for.</summary>
    /// <returns>True when it is about the step in work.</returns>
    public bool Take(GradientMissing missing)
    {
        var server = servers.IndexOf(missing.Slice);
        if (missing.Step != _step || IsApplying || server < 0 || _summed.Has(server)) return false;
        _silent[server] = null;
        return true;
    }

    /// <summary>All shards of the step are done: their gradients should be there any moment.</summary>
    public void ExpectSum(TimeSpan now)
    {
        // As long as it usually takes counts as no wait: large gradients need their time on the way.
        _shardsIn = now;
        if (_sum.Since is null) _sum.Begin(now, _usualSum * 2);
        else _sum.Prolong(now);
    }

    /// <summary>Has the servers make the next weights.</summary>
    public void Apply(ApplyStep order, IActorContext context)
    {
        _usualSum = context.Elapsed - _shardsIn;
        _sum.End();
        _order = order;
        _apply.Begin(context.Elapsed);
        servers.SendToAll(order, context);
    }

    /// <summary>A server has made its part of the next weights.</summary>
    /// <returns>True when it was the last one.</returns>
    public bool Take(StepApplied applied)
    {
        if (applied.Step != _step || !IsApplying)
        {
            applied.Release();
            return false;
        }

        _applied.Take(applied.Slice, applied.BlockSquares);
        if (!_applied.IsComplete) return false;
        _order = null;
        _apply.End();
        return true;
    }

    /// <summary>Asks those again who have not answered.</summary>
    /// <param name="isComputing">True while shards of the step are computed again, whose gradients cannot be there yet.</param>
    /// <param name="context">The coordinator's.</param>
    /// <exception cref="GenerationLostException">One has not answered for too long.</exception>
    public void Check(bool isComputing, IActorContext context)
    {
        var now = context.Elapsed;
        if (_order is not null)
        {
            var repeat = _apply.IsDue(now);
            for (var server = 0; server < servers.Count; server++)
            {
                if (_applied.Has(server)) continue;
                if (_apply.Waited(now) >= _apply.Limit(waits.ParameterServer)) throw servers.Silent(server, $"to apply {_step}", _apply.Waited(now));
                if (repeat) servers.SendTo(server, _order, context);
            }

            return;
        }

        var ask = !isComputing && _sum.IsDue(now);
        for (var server = 0; server < servers.Count; server++)
        {
            if (_summed.Has(server)) continue;
            if (_silent[server] is { } since && now - since >= _sum.Limit(waits.ParameterServer)) throw servers.Silent(server, $"to report its sum of {_step}", now - since);
            if (!ask) continue;
            _silent[server] ??= now;
            servers.SendTo(server, new ReportSum(_step), context);
        }
    }

    /// <summary>Gives back what the servers have answered.</summary>
    public void Dispose()
    {
        _summed.Clear();
        _applied.Clear();
    }
}
