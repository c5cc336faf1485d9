using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace LstmCluster.Actors;

/// <summary>A connection that is read by a thread which has nothing else to do, and written by anybody.</summary>
/// <remarks>
/// Whoever reads waits in the kernel, which wakes the thread itself: no event loop and no thread pool lie between the bytes and whoever
/// wants them. So reading never suspends; <c>ReadAsync</c> is there for those who know no other way, such as TLS. Of writing there are both kinds.
/// </remarks>
sealed class SocketStream : Stream
{
    readonly Socket _socket;
    readonly bool _sleepsUntilEnough;
    int _expected = 1;

    /// <summary>Takes a connected socket over. Nobody may have awaited it before: the event loop would hear of its bytes for ever.</summary>
    public SocketStream(Socket socket)
    {
        _socket = socket;
        _socket.Blocking = false;

        // What a local socket holds is bounded by its sender alone, and may be less than what is waited for.
        _sleepsUntilEnough = OperatingSystem.IsLinux() && socket.AddressFamily != AddressFamily.Unix;
    }

    /// <summary>What it reads and writes, for those who ask the operating system about the connection.</summary>
    public Socket Socket => _socket;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Has a thread that waits for bytes sleep until so many are there, where the system can do that: a hint, for a transfer in large pieces.</summary>
    /// <param name="bytes">As many as are going to be read before anything else is done.</param>
    public void Expect(int bytes)
    {
        // Linux's SO_RCVLOWAT; elsewhere the thread wakes more often than it has to.
        const int socketLevel = 1, receiveLowWater = 18, most = 256 << 10;
        if (!_sleepsUntilEnough || Math.Min(bytes, most) is var expected && expected == _expected) return;
        Span<byte> value = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(value, _expected = expected);
        _socket.SetRawSocketOption(socketLevel, receiveLowWater, value);
    }

    /// <exception cref="SocketException">The connection is broken.</exception>
    /// <exception cref="ObjectDisposedException">This side has closed it.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            var count = _socket.Receive(buffer, SocketFlags.None, out var error);
            if (error == SocketError.Success) return count;
            Wait(SelectMode.SelectRead, error);
        }
    }

    /// <exception cref="SocketException">The connection is broken.</exception>
    /// <exception cref="ObjectDisposedException">This side has closed it.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var count = _socket.Send(buffer, SocketFlags.None, out var error);
            if (error == SocketError.Success) buffer = buffer[count..];
            else Wait(SelectMode.SelectWrite, error);
        }
    }

    /// <summary>Reads on the caller's thread. Cancelling closes the connection.</summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var closing = cancellationToken.UnsafeRegister(static stream => ((SocketStream)stream!).Dispose(), this);
        try
        {
            // Closing looks like the other side's end.
            var count = Read(buffer.Span);
            return count == 0 && cancellationToken.IsCancellationRequested
                ? ValueTask.FromException<int>(new OperationCanceledException(cancellationToken))
                : ValueTask.FromResult(count);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            return ValueTask.FromException<int>(cancellationToken.IsCancellationRequested ? new OperationCanceledException(cancellationToken) : failure);
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var sent = _socket.SendAsync(buffer, SocketFlags.None, cancellationToken);
        if (!sent.IsCompletedSuccessfully) return AllAsync(sent);

        // Gives what is reused behind the task back.
        sent.GetAwaiter().GetResult();
        return ValueTask.CompletedTask;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            try
            {
                // Says that this is the end, and wakes the threads that wait.
                _socket.Shutdown(SocketShutdown.Both);
            }
            catch (Exception over) when (over is SocketException or ObjectDisposedException)
            {
                // It was over before.
            }

            _socket.Dispose();
        }

        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    static async ValueTask AllAsync(ValueTask<int> sent) => await sent.ConfigureAwait(false);

    void Wait(SelectMode mode, SocketError error)
    {
        if (error != SocketError.WouldBlock) throw new SocketException((int)error);
        _socket.Poll(Timeout.InfiniteTimeSpan, mode);
    }
}
