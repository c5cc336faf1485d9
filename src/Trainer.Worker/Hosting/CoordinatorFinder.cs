using System.Net;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Knows where the coordinator is: at one address for ever, or wherever the registry says.</summary>
sealed class CoordinatorFinder : IAsyncDisposable
{
    /// <summary>Between two looks how the run has ended, while the registry does not answer.</summary>
    static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    readonly IRegistry? _registry;
    readonly TimeProvider _time = TimeProvider.System;
    readonly Action<string> _log;
    readonly Func<EndPoint, bool> _mayDial;
    readonly CancellationTokenSource _closing = new();
    readonly Lock _gate = new();
    readonly Task _following = Task.CompletedTask;
    TaskCompletionSource<CoordinatorNews> _place = new(TaskCreationOptions.RunContinuationsAsynchronously);
    CancellationTokenSource _moved = new();
    CoordinatorRecord? _record;

    /// <summary>A coordinator that listens at one address whenever it is there.</summary>
    public CoordinatorFinder(EndPoint endpoint)
    {
        (_log, _mayDial) = (_ => { }, _ => true);
        _place.SetResult(new CoordinatorNews(new CoordinatorPlace(endpoint, CancellationToken.None), End: null));
    }

    /// <summary>Whoever reigns by a registry.</summary>
    /// <param name="registry">Says who that is; disposed with this.</param>
    /// <param name="mayDial">False for places that this process must not connect to.</param>
    /// <param name="log">Hears, in one line each, who reigns.</param>
    /// <param name="time">Where time comes from.</param>
    public CoordinatorFinder(IRegistry registry, Func<EndPoint, bool> mayDial, Action<string> log, TimeProvider time)
    {
        (_registry, _mayDial, _log, _time) = (registry, mayDial, log, time);
        _following = FollowAsync();
    }

    /// <summary>Where the coordinator is, or how the run has ended that this process has taken part in; waits for one, for ever if need be.</summary>
    /// <exception cref="RegistryException">The registry refuses.</exception>
    public Task<CoordinatorNews> FindAsync(CancellationToken stop)
    {
        lock (_gate) return _place.Task.WaitAsync(stop);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
        if (_registry is not null) await _registry.DisposeAsync().ConfigureAwait(false);
        _moved.Dispose();
        _closing.Dispose();
    }

    async Task FollowAsync()
    {
        try
        {
            await foreach (var record in _registry!.WatchAsync(_closing.Token).ConfigureAwait(false))
            {
                // The one that was, while there is none: it may only be slow to renew its lease. Word of an end before this process came is of another run.
                if (record is not null) Take(record);
                else if (_record is not null && await EndingAsync().ConfigureAwait(false) is { } ending && ending.Term >= _record.Term)
                    Tell(new CoordinatorNews(Place: null, new HostEnd(ending.Failed ? HostEndKind.RunFailed : HostEndKind.RunEnded, ending.How)), new CancellationTokenSource());
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // Nobody asks any more.
        }
        catch (RegistryException refused)
        {
            var failed = new TaskCompletionSource<CoordinatorNews>();
            failed.SetException(refused);

            // Nobody has to ask.
            _ = failed.Task.Exception;
            lock (_gate)
            {
                if (!_place.TrySetException(refused)) _place = failed;
                _ = _place.Task.Exception;
            }

            await _moved.CancelAsync().ConfigureAwait(false);
        }
    }

    async Task<RunEnding?> EndingAsync()
    {
        while (true)
        {
            try
            {
                return await _registry!.FindEndingAsync(_closing.Token).ConfigureAwait(false);
            }
            catch (RegistryUnavailableException)
            {
                // The watch says so.
                await Task.Delay(RetryDelay, _time, _closing.Token).ConfigureAwait(false);
            }
        }
    }

    void Take(CoordinatorRecord record)
    {
        // A registry that has lost its data may name one of before for a moment; its terms go on from the highest soon.
        if (_record is not null && record.Term <= _record.Term) return;
        var isElsewhere = _record is null || record.Endpoint != _record.Endpoint;
        _record = record;
        if (!isElsewhere) return;
        if (!EndPointText.TryParse(record.Endpoint, out var endpoint))
        {
            _log($"the registry names a coordinator at \"{record.Endpoint}\", which is no address; waiting for another one");
            return;
        }

        if (!_mayDial(endpoint))
        {
            _log($"the coordinator is {record}, on another machine, which is reached over TLS only: this process needs --security; waiting for another one");
            return;
        }

        _log($"the coordinator is {record}");
        var moved = new CancellationTokenSource();
        Tell(new CoordinatorNews(new CoordinatorPlace(endpoint, moved.Token), End: null), moved);
    }

    void Tell(CoordinatorNews news, CancellationTokenSource moved)
    {
        CancellationTokenSource left;
        lock (_gate)
        {
            (left, _moved) = (_moved, moved);
            if (_place.Task.IsCompleted) _place = new TaskCompletionSource<CoordinatorNews>(TaskCreationOptions.RunContinuationsAsynchronously);
            _place.SetResult(news);
        }

        left.Cancel();
        left.Dispose();
    }
}
