using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Bytes one behind the other: in memory as long as there is room, then all in a file.</summary>
/// <remarks>One thread writes. What is flushed any number of threads may read.</remarks>
/// <param name="place">Where the file is, and how much memory there is.</param>
sealed class ByteSpool(SpoolPlace place)
{
    const int BlockBytes = 1 << 16;

    readonly List<byte[]> _blocks = [];
    SpoolFile? _file;

    /// <summary>Bytes that were written.</summary>
    public long Length { get; private set; }

    /// <summary>Writes behind what was written.</summary>
    /// <exception cref="UserErrorException">There is no room; names the directory.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_file is null && !TryGrow(Length + bytes.Length)) MoveToFile();
        if (_file is not null) _file.Append(bytes);
        else Copy(Length, bytes);
        Length += bytes.Length;
    }

    /// <summary>Makes room for bytes that are written in any order.</summary>
    /// <param name="length">How many; nothing was written before.</param>
    /// <exception cref="UserErrorException">The file cannot be made; names the directory.</exception>
    public void Reserve(long length)
    {
        if (!TryGrow(length))
        {
            GiveBack();
            _file = place.NewFile();
        }

        Length = length;
    }

    /// <summary>Writes at a place of what was reserved.</summary>
    /// <exception cref="UserErrorException">There is no room; names the directory.</exception>
    public void WriteAt(long offset, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + bytes.Length, Length, nameof(offset));
        if (_file is not null) _file.WriteAt(offset, bytes);
        else Copy(offset, bytes);
    }

    /// <summary>Makes all that was written readable.</summary>
    /// <exception cref="UserErrorException">There is no room; names the directory.</exception>
    public void Flush() => _file?.Flush();

    /// <summary>Fills a span from a place.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public void Read(long offset, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + target.Length, Length, nameof(offset));
        if (_file is not null)
        {
            _file.Read(offset, target);
            return;
        }

        while (target.Length > 0)
        {
            var block = _blocks[(int)(offset / BlockBytes)].AsSpan((int)(offset % BlockBytes));
            var part = block[..Math.Min(block.Length, target.Length)];
            part.CopyTo(target);
            target = target[part.Length..];
            offset += part.Length;
        }
    }

    /// <summary>Gives back memory and file; nothing can be read any more.</summary>
    public void Free()
    {
        _file?.Dispose();
        GiveBack();
    }

    bool TryGrow(long length)
    {
        while ((long)_blocks.Count * BlockBytes < length)
        {
            if (!place.TryTake(BlockBytes)) return false;
            _blocks.Add(new byte[BlockBytes]);
        }

        return true;
    }

    void MoveToFile()
    {
        _file = place.NewFile();
        for (var left = Length; left > 0; left -= BlockBytes)
            _file.Append(_blocks[(int)((Length - left) / BlockBytes)].AsSpan(0, (int)Math.Min(BlockBytes, left)));
        GiveBack();
    }

    void GiveBack()
    {
        place.GiveBack((long)_blocks.Count * BlockBytes);
        _blocks.Clear();
    }

    void Copy(long offset, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var block = _blocks[(int)(offset / BlockBytes)].AsSpan((int)(offset % BlockBytes));
            var part = Math.Min(block.Length, bytes.Length);
            bytes[..part].CopyTo(block);
            bytes = bytes[part..];
            offset += part;
        }
    }
}
