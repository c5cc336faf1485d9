namespace LstmCluster.Data;

/// <summary>The numbers of an IDX file, wherever they are.</summary>
/// <param name="length">How many there are.</param>
/// <param name="read">Fills a span from one of them on.</param>
/// <param name="file">The open file that they are in; null for none. Closed by the garbage collector too, so that data need not be disposed of.</param>
sealed class IdxBytes(long length, IdxBytes.Reading read, IDisposable? file = null) : IDisposable
{
    const int BlockBytes = 1 << 16;

    public delegate void Reading(long offset, Span<byte> target);

    /// <summary>Number of numbers.</summary>
    public long Length => length;

    /// <summary>Fills a span.</summary>
    /// <param name="offset">The first number.</param>
    /// <param name="target">Where to. Out only.</param>
    /// <exception cref="IOException">They cannot be read.</exception>
    public void Read(long offset, Span<byte> target) => read(offset, target);

    /// <summary>Closes the file.</summary>
    public void Dispose() => file?.Dispose();

    /// <summary>All that a stream still has, in memory.</summary>
    public static IdxBytes InMemory(Stream stream)
    {
        using var content = new MemoryStream();
        stream.CopyTo(content);
        var bytes = content.ToArray();
        return new IdxBytes(bytes.Length, (offset, target) => bytes.AsSpan((int)offset, target.Length).CopyTo(target));
    }

    /// <summary>What stands in a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="head">Bytes before the first number.</param>
    public static IdxBytes InFile(string path, int head)
    {
        var file = File.OpenHandle(path);
        return new IdxBytes(RandomAccess.GetLength(file) - head, (offset, target) => RandomAccessExtensions.ReadExactly(file, target, head + offset), file);
    }

    /// <summary>All that a stream still has, written to a file once.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="file">The file.</param>
    /// <param name="most">So much is kept; what is more is only counted.</param>
    public static IdxBytes Unpacked(Stream stream, SpoolFile file, long most)
    {
        var (block, length) = (new byte[BlockBytes], 0L);
        for (int read; (read = stream.Read(block)) > 0; length += read)
            if (length + read <= most)
                file.Append(block.AsSpan(0, read));
        file.Flush();
        return new IdxBytes(length, file.Read, file);
    }
}
