using Microsoft.Win32.SafeHandles;

namespace LstmCluster.Data;

/// <summary>Reading at a place of a file.</summary>
static class RandomAccessExtensions
{
    /// <summary>Fills a span from a place of a file.</summary>
    /// <exception cref="EndOfStreamException">The file ends before.</exception>
    public static void ReadExactly(SafeFileHandle file, Span<byte> target, long offset)
    {
        while (target.Length > 0)
        {
            var read = RandomAccess.Read(file, target, offset);
            if (read == 0) throw new EndOfStreamException("a file of data is shorter than it was");
            target = target[read..];
            offset += read;
        }
    }
}
