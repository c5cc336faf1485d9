namespace LstmCluster.Actors;

/// <summary>Runs a cell on a background thread named after it, which sleeps while there is nothing to do.</summary>
sealed class OwnThreadMailbox(ActorCell cell) : ThreadMailbox(cell), IThreadPoolWorkItem
{
    readonly object _bell = new();
    bool _rung;
    Thread? _thread;
    bool _threadEnded;

    protected override void Wake()
    {
        // Only one caller at a time comes here, until that call's run has gone to rest.
        if (_threadEnded)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            return;
        }

        if (_thread is null)
        {
            _thread = new Thread(RunThread) { IsBackground = true, Name = Cell.Path };
            _thread.Start();
        }

        lock (_bell)
        {
            _rung = true;
            Monitor.Pulse(_bell);
        }
    }

    /// <summary>What a stopped cell still has to answer, such as a late watch, does not need its thread.</summary>
    void IThreadPoolWorkItem.Execute() => RunTurns();

    void RunThread()
    {
        while (!_threadEnded)
        {
            lock (_bell)
            {
                while (!_rung) Monitor.Wait(_bell);
                _rung = false;
            }

            RunTurns();
        }
    }

    void RunTurns()
    {
        while (TryTurn(out var turn))
        {
            if (turn.IsCompleted) turn.GetAwaiter().GetResult();
            else turn.AsTask().GetAwaiter().GetResult();
        }

        _threadEnded = Cell.IsStopped;
        Rest();
    }
}
