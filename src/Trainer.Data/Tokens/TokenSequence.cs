using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace LstmCluster.Data;

/// <summary>Token ids of a whole text, each in one, two or four bytes as the vocabulary allows: in memory, or in a file (<see cref="TokenFile"/>).</summary>
public abstract class TokenSequence
{
    /// <summary>Number of tokens.</summary>
    public abstract int Count { get; }

    /// <summary>The id at a position.</summary>
    /// <param name="index">Position from 0.</param>
    public abstract int this[int index] { get; }

    /// <summary>Copies consecutive tokens to every <paramref name="stride"/>-th place of a target.</summary>
    /// <param name="start">First token.</param>
    /// <param name="count">Number of tokens.</param>
    /// <param name="target">Where to; place k of the result is at k times the stride.</param>
    /// <param name="stride">Distance of two results.</param>
    public abstract void Scatter(int start, int count, Span<int> target, int stride);

    /// <summary>SHA-256 of the ids as they are kept, little-endian, in hexadecimal: the same in memory and in a file. Goes through all of them.</summary>
    public abstract string Sha256();

    /// <summary>A sequence of ids that are below a vocabulary's size.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="vocabularySize">Size of the vocabulary.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    public static TokenSequence Of(ReadOnlySpan<int> ids, int vocabularySize)
    {
        var builder = new Builder(ids.Length, vocabularySize);
        foreach (var id in ids)
            builder.Add(id);
        return builder.ToSequence();
    }

    /// <summary>Collects ids without an intermediate list.</summary>
    internal sealed class Builder(int capacity, int vocabularySize) : TokenSink
    {
        readonly byte[]? _bytes = vocabularySize <= 1 << 8 ? new byte[capacity] : null;
        readonly ushort[]? _words = vocabularySize is > 1 << 8 and <= 1 << 16 ? new ushort[capacity] : null;
        readonly int[]? _integers = vocabularySize > 1 << 16 ? new int[capacity] : null;
        int _count;

        public override void Add(int id)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)vocabularySize, nameof(id));
            if (_bytes is not null)
                _bytes[_count++] = (byte)id;
            else if (_words is not null)
                _words[_count++] = (ushort)id;
            else
                _integers![_count++] = id;
        }

        public override TokenSequence ToSequence() =>
            _bytes is not null ? new Narrow<byte>(_bytes, _count) : _words is not null ? new Narrow<ushort>(_words, _count) : new Narrow<int>(_integers!, _count);
    }

    sealed class Narrow<T>(T[] ids, int count) : TokenSequence
        where T : struct, IBinaryInteger<T>
    {
        public override int Count => count;

        public override int this[int index] => int.CreateTruncating(ids.AsSpan(0, count)[index]);

        public override string Sha256() => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(ids.AsSpan(0, count))));

        public override void Scatter(int start, int length, Span<int> target, int stride)
        {
            var from = ids.AsSpan(0, count).Slice(start, length);
            for (var i = 0; i < from.Length; i++)
                target[i * stride] = int.CreateTruncating(from[i]);
        }
    }
}
