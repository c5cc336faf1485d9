using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace LstmCluster.Data;

/// <summary>Token ids in a file, little-endian, each in one, two or four bytes. A step reads what it needs; nothing stays in memory but what the system keeps of files.</summary>
/// <remarks>Any number of threads may read.</remarks>
sealed class TokenFile : TokenSequence, IDisposable
{
    // A step of a stream is some hundred tokens.
    const int BytesAtOnce = 1 << 12;

    const int HashedAtOnce = 1 << 18;

    readonly SafeFileHandle _file;
    readonly int _width;

    TokenFile(SafeFileHandle file, int count, int width) => (_file, Count, _width) = (file, count, width);

    /// <inheritdoc/>
    public override int Count { get; }

    /// <inheritdoc/>
    public override int this[int index]
    {
        get
        {
            Span<int> one = stackalloc int[1];
            Scatter(index, 1, one, 1);
            return one[0];
        }
    }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="count">Number of its tokens.</param>
    /// <param name="vocabularySize">Size of their vocabulary.</param>
    /// <exception cref="IOException">It cannot be opened, or has another size.</exception>
    public static TokenFile Open(string path, int count, int vocabularySize)
    {
        var (file, width) = (File.OpenHandle(path, options: FileOptions.RandomAccess), WidthOf(vocabularySize));
        if (RandomAccess.GetLength(file) == (long)count * width) return new TokenFile(file, count, width);
        file.Dispose();
        throw new IOException($"{path} does not have {count} tokens of {width} bytes");
    }

    /// <summary>Closes the file; the garbage collector does it too.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>Bytes of a token.</summary>
    public static int WidthOf(int vocabularySize) => vocabularySize <= 1 << 8 ? 1 : vocabularySize <= 1 << 16 ? 2 : 4;

    /// <inheritdoc/>
    public override void Scatter(int start, int count, Span<int> target, int stride)
    {
        if (start < 0 || count < 0 || (long)start + count > Count) throw new ArgumentOutOfRangeException(nameof(start), $"{count} tokens from {start} are not among {Count}.");
        Span<byte> bytes = stackalloc byte[BytesAtOnce];
        var most = BytesAtOnce / _width;
        for (var done = 0; done < count; done += most)
        {
            var read = bytes[..(Math.Min(most, count - done) * _width)];
            var rest = target[(done * stride)..];
            RandomAccessExtensions.ReadExactly(_file, read, (start + (long)done) * _width);
            switch (_width)
            {
                case 1: Widen<byte>(read, rest, stride); break;
                case 2: Widen(MemoryMarshal.Cast<byte, ushort>(read), rest, stride); break;
                default: Widen(MemoryMarshal.Cast<byte, int>(read), rest, stride); break;
            }
        }
    }

    /// <inheritdoc/>
    public override string Sha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (block, bytes) = (new byte[HashedAtOnce], (long)Count * _width);
        for (long at = 0; at < bytes; at += block.Length)
        {
            var read = block.AsSpan(0, (int)Math.Min(block.Length, bytes - at));
            RandomAccessExtensions.ReadExactly(_file, read, at);
            hash.AppendData(read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static void Widen<T>(ReadOnlySpan<T> from, Span<int> target, int stride)
        where T : struct, IBinaryInteger<T>
    {
        for (var index = 0; index < from.Length; index++) target[index * stride] = int.CreateTruncating(from[index]);
    }
}

/// <summary>Writes the tokens of a text to a file.</summary>
sealed class TokenFileWriter : TokenSink
{
    const int BlockBytes = 1 << 16;

    readonly string _path;
    readonly int _vocabularySize, _width;
    readonly byte[] _block = new byte[BlockBytes];
    readonly FileStream _stream;
    int _used, _count;

    /// <summary>Begins a file that does not exist.</summary>
    public TokenFileWriter(string path, int vocabularySize)
    {
        (_path, _vocabularySize, _width) = (path, vocabularySize, TokenFile.WidthOf(vocabularySize));
        _stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
    }

    /// <inheritdoc/>
    public override void Add(int id)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)_vocabularySize, nameof(id));
        if (_used == BlockBytes) WriteBlock();
        for (var part = 0; part < _width; part++) _block[_used++] = (byte)(id >> (8 * part));
        _count = checked(_count + 1);
    }

    /// <inheritdoc/>
    public override TokenSequence ToSequence()
    {
        WriteBlock();
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        return TokenFile.Open(_path, _count, _vocabularySize);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _stream.Dispose();
        base.Dispose();
    }

    void WriteBlock()
    {
        _stream.Write(_block.AsSpan(0, _used));
        _used = 0;
    }
}
