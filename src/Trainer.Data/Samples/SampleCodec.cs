using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace LstmCluster.Data;

/// <summary>From a sample of a row to bytes and back: small numbers take one byte, others as many as they need, and numbers with a fraction four.</summary>
/// <remarks>Characters follow from the tokens, and what only windows have is not kept: they are made of their table.</remarks>
static class SampleCodec
{
    /// <summary>Writes a sample.</summary>
    public static void Write(Sample sample, IBufferWriter<byte> target)
    {
        WriteCount(sample.Steps, target);
        WriteIntegers(sample.Tokens, target);
        WriteNumbers(sample.Features, target);
        WriteIntegers(sample.Classes, target);
        WriteNumbers(sample.Values, target);
        BinaryPrimitives.WriteUInt128LittleEndian(target.GetSpan(16), sample.Group);
        target.Advance(16);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static Sample Read(ReadOnlySpan<byte> bytes)
    {
        // In the order in which they were written, which is that of the initializer.
        return new Sample
        {
            Steps = (int)ReadCount(ref bytes),
            Tokens = ReadIntegers(ref bytes),
            Features = ReadNumbers(ref bytes),
            Classes = ReadIntegers(ref bytes),
            Values = ReadNumbers(ref bytes),
            Group = BinaryPrimitives.ReadUInt128LittleEndian(bytes),
        };
    }

    static void WriteIntegers(int[] integers, IBufferWriter<byte> target)
    {
        WriteCount(integers.Length, target);

        // A step without a class has -1.
        foreach (var integer in integers) WriteCount(integer + 1L, target);
    }

    static int[] ReadIntegers(ref ReadOnlySpan<byte> bytes)
    {
        var integers = new int[ReadCount(ref bytes)];
        foreach (ref var integer in integers.AsSpan()) integer = (int)(ReadCount(ref bytes) - 1);
        return integers;
    }

    static void WriteNumbers(float[] numbers, IBufferWriter<byte> target)
    {
        WriteCount(numbers.Length, target);
        target.Write(MemoryMarshal.AsBytes(numbers.AsSpan()));
    }

    static float[] ReadNumbers(ref ReadOnlySpan<byte> bytes)
    {
        var numbers = new float[ReadCount(ref bytes)];
        var own = MemoryMarshal.AsBytes(numbers.AsSpan());
        bytes[..own.Length].CopyTo(own);
        bytes = bytes[own.Length..];
        return numbers;
    }

    /// <summary>Seven bits a byte, the lowest first; the eighth says that more follow.</summary>
    static void WriteCount(long count, IBufferWriter<byte> target)
    {
        var span = target.GetSpan(5);
        var used = 0;
        for (; count >= 0x80; count >>= 7) span[used++] = (byte)(count | 0x80);
        span[used++] = (byte)count;
        target.Advance(used);
    }

    static long ReadCount(ref ReadOnlySpan<byte> bytes)
    {
        var (count, at) = (0L, 0);
        for (var shift = 0; ; shift += 7)
        {
            var one = bytes[at++];
            count |= (long)(one & 0x7F) << shift;
            if (one < 0x80) break;
        }

        bytes = bytes[at..];
        return count;
    }
}
