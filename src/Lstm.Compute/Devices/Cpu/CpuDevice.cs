using System.Runtime.Intrinsics;

namespace LstmCluster.Compute.Cpu;

/// <summary>One thread of the host's processor, with the widest vectors it has.</summary>
/// <remarks>
/// Buffers and prepared matrices are host memory and may be shared by the devices of several threads; a device itself is used by one thread at a time.
/// Results have the same bits in every vector width and on every processor.
/// </remarks>
public abstract partial class CpuDevice : IDevice
{
    private protected CpuDevice(HostMemory memory, HostMemory working) => (Memory, Scratch) = (memory, new Scratch(working));

    /// <summary>A device for the calling thread or any other, one at a time.</summary>
    public static CpuDevice Create() =>
        Vector512.IsHardwareAccelerated ? new CpuDevice<Lanes16>()
        : Vector256.IsHardwareAccelerated ? new CpuDevice<Lanes8>()
        : new CpuDevice<Lanes4>();

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <inheritdoc/>
    public bool ComputesInHostMemory => true;

    /// <summary>Single-precision lanes of one vector.</summary>
    public abstract int VectorWidth { get; }

    /// <summary>Bytes of buffers, indices and prepared matrices that this device gave out and that were not disposed of yet.</summary>
    public long HeldBytes => Memory.Bytes;

    /// <summary>Bytes of working memory, which the kernels share: it grows to the largest need and stays.</summary>
    public long WorkingBytes => Scratch.Bytes;

    /// <inheritdoc/>
    public bool Supports(ComputePrecision precision) => true;

    /// <inheritdoc/>
    public void Use(ComputePrecision precision) => Scratch.Precision = precision;

    private protected HostMemory Memory { get; }

    private protected Scratch Scratch { get; }

    /// <inheritdoc/>
    public DeviceBuffer Allocate(int length) => new CpuBuffer(length, Memory);

    /// <inheritdoc/>
    public DeviceIndices AllocateIndices(int length) => new CpuIndices(length, Memory);

    /// <inheritdoc/>
    public DeviceBuffer Import(Memory<float> host) => new CpuBuffer(host);

    /// <inheritdoc/>
    public unsafe void Write(DeviceSpan target, ReadOnlySpan<float> source) => source.CopyTo(new(target.At(source.Length), source.Length));

    /// <inheritdoc/>
    public unsafe void Write(DeviceIndices target, ReadOnlySpan<int> source) => source.CopyTo(new(target.At(source.Length), source.Length));

    /// <inheritdoc/>
    public unsafe void Read(DeviceSpan source, Span<float> target)
    {
        var content = new ReadOnlySpan<float>(source.At(target.Length), target.Length);
        // Imported memory that is read back to where it is.
        if (content != target) content.CopyTo(target);
    }

    /// <inheritdoc/>
    public unsafe void Copy(DeviceSpan source, DeviceSpan target) =>
        new ReadOnlySpan<float>(source.At(target.Length), target.Length).CopyTo(new(target.At(target.Length), target.Length));

    /// <inheritdoc/>
    public unsafe void Fill(DeviceSpan target, float value) => new Span<float>(target.At(target.Length), target.Length).Fill(value);

    /// <inheritdoc/>
    public unsafe void RoundToBf16(DeviceSpan target) => Bf16.Round(new Span<float>(target.At(target.Length), target.Length));

    /// <inheritdoc/>
    public unsafe void SumSquares(DeviceSpan x, int blockLength, Span<double> sums)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockLength);
        var at = x.At(x.Length);
        for (int block = 0, first = 0; first < x.Length; block++, first += blockLength)
            sums[block] = Reductions.SumSquares(at + first, Math.Min(blockLength, x.Length - first));
    }

    /// <inheritdoc/>
    public abstract PreparedMatrix AllocatePrepared(int rows, int columns, MatrixUse use);

    /// <inheritdoc/>
    public abstract void Prepare(DeviceSpan matrix, PreparedMatrix target);

    /// <inheritdoc/>
    public abstract void Multiply(DeviceSpan x, int rows, PreparedMatrix b, DeviceSpan y, DeviceSpan bias, bool accumulate);

    /// <inheritdoc/>
    public abstract void LinearGradient(
        BatchShape shape, RowRange rows, DeviceSpan outputGradient, int outputs, DeviceSpan input, int inputs,
        DeviceSpan kernelGradient, DeviceSpan biasGradient, bool accumulate);

    /// <inheritdoc/>
    public abstract void LstmForward(in LstmShape shape, in LstmWeights weights, in LstmActivations activations);

    /// <inheritdoc/>
    public abstract void LstmBackward(in LstmShape shape, in LstmWeights weights, in LstmActivations activations, in LstmGradients gradients);

    /// <inheritdoc/>
    public abstract void LstmWeightGradient(
        in LstmShape shape, RowRange rows, in LstmActivations activations, in LstmGradients gradients, in LstmParameters parameters, Summation sum);

    /// <inheritdoc/>
    public unsafe void EmbeddingForward(DeviceSpan table, int width, DeviceIndices tokens, int first, int count, DeviceSpan output)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var rows = new ReadOnlySpan<float>(table.At(table.Length), table.Length);
        var target = new Span<float>(output.At((long)count * width), count * width);
        var ids = new ReadOnlySpan<int>(tokens.At((long)first + count) + first, count);
        var vocabulary = rows.Length / width;
        for (var position = 0; position < count; position++)
        {
            if ((uint)ids[position] >= (uint)vocabulary)
                throw new ArgumentOutOfRangeException(nameof(tokens), ids[position], $"a token must be below the vocabulary size {vocabulary}");
            rows.Slice(ids[position] * width, width).CopyTo(target[(position * width)..]);
        }
    }

    /// <inheritdoc/>
    public abstract void EmbeddingGradient(
        BatchShape shape, RowRange rows, int width, DeviceIndices tokens, DeviceSpan outputGradient, DeviceSpan tableGradient);

    /// <inheritdoc/>
    public abstract void SoftmaxCrossEntropy(DeviceSpan logits, int classes, DeviceIndices targets, int count, DeviceSpan losses, bool gradient);

    /// <inheritdoc/>
    public abstract void Add(DeviceSpan target, DeviceSpan other);

    /// <inheritdoc/>
    public abstract void Scale(DeviceSpan target, float factor);

    /// <inheritdoc/>
    public abstract void Clamp(DeviceSpan target, float limit);

    /// <inheritdoc/>
    public abstract void Dropout(in DropoutMask mask, BatchShape shape, DeviceIndices rowKeys, int width, DeviceSpan input, DeviceSpan output);

    /// <inheritdoc/>
    public void Dispose()
    {
        Scratch.Dispose();
        GC.SuppressFinalize(this);
    }
}
