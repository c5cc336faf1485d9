using System.Buffers;
using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LstmCluster.Data;

/// <summary>Where a sample is in a file of them, and how long it is.</summary>
/// <param name="Offset">Its first byte.</param>
/// <param name="Bytes">Number of its bytes.</param>
/// <param name="Steps">Time steps of its input.</param>
/// <param name="Classes">Classes of its target.</param>
readonly record struct SampleEntry(long Offset, int Bytes, int Steps, int Classes);

/// <summary>Samples in files, each made when it is asked for; nothing of them stays in memory but what the system keeps of files.</summary>
/// <remarks>Any number of threads may read.</remarks>
/// <param name="records">The samples.</param>
/// <param name="entries">Where each of them is.</param>
/// <param name="first">The first entry.</param>
/// <param name="count">Number of entries.</param>
/// <param name="finish">Makes of a sample in the file what it shall be; null for nothing.</param>
sealed class SpooledSamples(SpoolFile records, SpoolFile entries, int first, int count, Func<Sample, Sample>? finish) : IMadeSamples
{
    public int Count => count;

    public Sample this[int index]
    {
        get
        {
            var entry = EntryOf(index);
            var bytes = ArrayPool<byte>.Shared.Rent(entry.Bytes);
            try
            {
                var own = bytes.AsSpan(0, entry.Bytes);
                records.Read(entry.Offset, own);
                var sample = SampleCodec.Read(own);
                return finish is null ? sample : finish(sample);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }
    }

    public int StepsOf(int index) => EntryOf(index).Steps;

    public int ClassesOf(int index) => EntryOf(index).Classes;

    public IEnumerator<Sample> GetEnumerator()
    {
        for (var index = 0; index < count; index++) yield return this[index];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    SampleEntry EntryOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)count, nameof(index));
        var entry = default(SampleEntry);
        entries.Read((first + (long)index) * Unsafe.SizeOf<SampleEntry>(), MemoryMarshal.AsBytes(new Span<SampleEntry>(ref entry)));
        return entry;
    }
}
