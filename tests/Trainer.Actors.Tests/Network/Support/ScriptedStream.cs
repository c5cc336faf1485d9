namespace LstmCluster.Actors.Tests;

/// <summary>A connection whose other side says what a script says, in pieces of any size; what is written to it is dropped.</summary>
/// <param name="script">What comes.</param>
/// <param name="pieces">Draws the sizes of the pieces.</param>
/// <param name="hangsUp">True to end after the script, false to fall silent until this side closes.</param>
sealed class ScriptedStream(byte[] script, Random pieces, bool hangsUp) : Stream
{
    readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position == script.Length)
        {
            if (!hangsUp) await _closed.Task.WaitAsync(cancellationToken);

            // Gives the other connection of the pair some time to be read.
            for (var i = 0; i < 20; i++) await Task.Yield();
            return 0;
        }

        var count = Math.Min(Math.Min(buffer.Length, script.Length - _position), pieces.Next(1, 200));
        script.AsMemory(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _closed.Task.IsCompleted ? throw new ObjectDisposedException(nameof(ScriptedStream)) : ValueTask.CompletedTask;

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Threads that read and write this have nothing else to do.
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _closed.TrySetResult();
        base.Dispose(disposing);
    }
}
