using System.Runtime.InteropServices;

namespace LstmCluster.Cli;

/// <summary>The standard output of a verb that may write for ever. The console's own stream takes what is written to a pipe that nobody reads any more as written; here it is asked for its reader first.</summary>
/// <param name="console">The console's stream, which waits where the pipe is full and does not block.</param>
sealed partial class StandardOutput(Stream console) : Stream
{
    const int FileNumber = 1;

    // POLLERR and POLLHUP, the same on every Unix: which of them tells that the reading end is closed differs.
    const short Error = 8, HungUp = 16;

    /// <summary>Opens it. Writing throws an <see cref="OutputClosedException"/> when its reader is gone; on Windows nothing tells so.</summary>
    public static Stream Open()
    {
        var console = Console.OpenStandardOutput();
        return OperatingSystem.IsWindows() || !Console.IsOutputRedirected ? console : new StandardOutput(console);
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
        // A file has no reader that could go: it has neither of the two.
        var asked = new Polled { File = FileNumber };
        if (Poll(ref asked, 1, 0) > 0 && (asked.Told & (Error | HungUp)) != 0) throw new OutputClosedException("nobody reads the output any more");
        console.Write(buffer);
    }

    public override void Flush() => console.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) console.Dispose();
        base.Dispose(disposing);
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Poll(ref Polled files, nuint count, int milliseconds);

    /// <summary>What C calls <c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    struct Polled
    {
        public int File;
        public short Asked;
        public short Told;
    }
}
