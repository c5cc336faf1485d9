using System.Threading.Channels;
using LstmCluster.Training;

namespace LstmCluster.Cli.Display;

/// <summary>Lets training go on while nobody reads: a pager that waits for a key, a terminal that is stopped with Ctrl-S.</summary>
/// <remarks>Steps that pile up beyond a limit are left out, and it is told how many; everything else is kept.</remarks>
/// <param name="display">Gets the events one at a time, in order. Disposed with this, after it has shown them all.</param>
/// <param name="limit">Events that may wait.</param>
sealed class QueuedDisplay(IDisplay display, int limit = QueuedDisplay.Limit) : IDisplay
{
    // About twenty megabytes.
    const int Limit = 100_000;

    // Not the variant for a single reader, which cannot be counted.
    readonly Channel<TrainingEvent> _waiting = Channel.CreateUnbounded<TrainingEvent>();
    readonly Lock _lock = new();
    long _leftOut;
    Task? _shown;

    /// <inheritdoc/>
    public void On(TrainingEvent happened)
    {
        lock (_lock)
        {
            _shown ??= Task.Run(ShowAsync);
            if (happened is StepCompleted && _waiting.Reader.Count >= limit)
            {
                _leftOut++;
                return;
            }

            if (_leftOut > 0) _waiting.Writer.TryWrite(new Noticed($"{Numbers.Count(_leftOut)} steps are not shown: the reader was too slow"));
            _leftOut = 0;
            _waiting.Writer.TryWrite(happened);
        }
    }

    /// <inheritdoc/>
    public void Abandon() => display.Abandon();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        try
        {
            if (_shown is not null) await _shown.ConfigureAwait(false);
        }
        finally
        {
            await display.DisposeAsync().ConfigureAwait(false);
        }
    }

    async Task ShowAsync()
    {
        await foreach (var happened in _waiting.Reader.ReadAllAsync().ConfigureAwait(false)) display.On(happened);
    }
}
