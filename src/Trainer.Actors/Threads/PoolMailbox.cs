namespace LstmCluster.Actors;

/// <summary>Runs a cell on the thread pool, a batch at a time. An idle cell, and one that awaits something, holds no thread.</summary>
sealed class PoolMailbox(ActorCell cell) : ThreadMailbox(cell), IThreadPoolWorkItem
{
    /// <summary>Turns before other cells get the thread: enough to hide the cost of queueing, few enough to be fair.</summary>
    const int TurnsPerRun = 32;

    protected override void Wake() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    // A turn throws only where the runtime itself is broken, and then the process must not go on: hence async void.
    async void IThreadPoolWorkItem.Execute()
    {
        for (var turns = 0; turns < TurnsPerRun; turns++)
        {
            if (!TryTurn(out var turn))
            {
                Rest();
                return;
            }

            await turn.ConfigureAwait(false);
        }

        Wake();
    }
}
