using Microsoft.Win32.SafeHandles;

namespace LstmCluster.Cli;

/// <summary>The standard output of a verb that may write for ever. The console's own stream takes what is written to a pipe that nobody reads any more as written.</summary>
/// <param name="pipe">The output.</param>
sealed class StandardOutput(FileStream pipe) : Stream
{
    const int FileNumber = 1;

    // The number of the error EPIPE, the same on every Unix.
    const int BrokenPipe = 32;

    /// <summary>Opens it. Writing throws an <see cref="OutputClosedException"/> when its reader is gone; on Windows nothing tells so.</summary>
    public static Stream Open()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected) return Console.OpenStandardOutput();
        var output = new FileStream(new SafeFileHandle(FileNumber, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        // A file has no reader that could go, and its place is shared with whoever writes to it before and after.
        return output.CanSeek ? Console.OpenStandardOutput() : new StandardOutput(output);
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            pipe.Write(buffer);
        }
        catch (IOException error) when (error.HResult == BrokenPipe)
        {
            throw new OutputClosedException("nobody reads the output any more", error);
        }
    }

    public override void Flush()
    {
        // Nothing is kept back.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) pipe.Dispose();
        base.Dispose(disposing);
    }
}
