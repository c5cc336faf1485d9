namespace LstmCluster.Actors;

/// <summary>Runs actors on the thread pool, or on a thread of their own where <see cref="ActorOptions.OwnThread"/> says so.</summary>
/// <param name="timeProvider">The clock and the timers.</param>
/// <param name="seed">Seeds the randomness of every actor, together with its path.</param>
/// <param name="observer">Hears of failures and of messages that went nowhere; nobody does when null.</param>
public sealed class ThreadRuntime(TimeProvider timeProvider, ulong seed, IActorObserver? observer = null) : LocalRuntime(seed, observer)
{
    readonly long _start = timeProvider.GetTimestamp();

    /// <summary>How long <see cref="DisposeAsync"/> waits for the actors to stop, on the runtime's clock.</summary>
    public TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public override DateTimeOffset Now => timeProvider.GetUtcNow();

    /// <inheritdoc/>
    public override TimeSpan Elapsed => timeProvider.GetElapsedTime(_start);

    /// <summary>Stops all actors, children first, and waits until they are gone.</summary>
    /// <exception cref="TimeoutException">Some did not stop within <see cref="StopLimit"/>; the message names them.</exception>
    public override async ValueTask DisposeAsync()
    {
        var roots = StopRoots();
        try
        {
            await Task.WhenAll(roots.Select(root => root.Stopped)).WaitAsync(StopLimit, timeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"not stopped within {StopLimit.TotalSeconds:0.###} s: {DescribeLiving()}");
        }
    }

    /// <summary>The clock, for what else in this process has to run on it.</summary>
    internal TimeProvider Clock => timeProvider;

    internal override Mailbox CreateMailbox(ActorCell cell) => cell.Options.OwnThread ? new OwnThreadMailbox(cell) : new PoolMailbox(cell);

    internal override void StartTimer(ScheduledMessage timer, TimeSpan delay) => timer.Attach(
        timeProvider.CreateTimer(static timer => ((ScheduledMessage)timer!).Fire(), timer, delay, Timeout.InfiniteTimeSpan));
}
