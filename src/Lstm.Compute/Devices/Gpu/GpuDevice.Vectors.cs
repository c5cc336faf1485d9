namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    static readonly GpuKernel s_add = new("vectors", "vector_add");
    static readonly GpuKernel s_scale = new("vectors", "vector_scale");
    static readonly GpuKernel s_clamp = new("vectors", "vector_clamp");
    static readonly GpuKernel s_roundToBf16 = new("vectors", "vector_round_to_bf16");
    static readonly GpuKernel s_tanh = new("vectors", "vector_tanh");
    static readonly GpuKernel s_tanhGradient = new("vectors", "vector_tanh_gradient");
    static readonly GpuKernel s_multiplied = new("vectors", "vector_multiply");
    static readonly GpuKernel s_multiplyAdded = new("vectors", "vector_multiply_added");
    static readonly GpuKernel s_copyColumns = new("vectors", "vector_copy_columns");
    static readonly GpuKernel s_dropout = new("vectors", "vector_dropout");

    /// <inheritdoc/>
    public void Add(DeviceSpan target, DeviceSpan other) => Add(At(target, target.Length), At(other, target.Length), target.Length);

    /// <inheritdoc/>
    public void Scale(DeviceSpan target, float factor) =>
        Launch(s_scale, GpuGrid.Elements(target.Length), [At(target, target.Length), factor, target.Length]);

    /// <inheritdoc/>
    public void Clamp(DeviceSpan target, float limit) =>
        Launch(s_clamp, GpuGrid.Elements(target.Length), [At(target, target.Length), limit, target.Length]);

    /// <inheritdoc/>
    public void RoundToBf16(DeviceSpan target) =>
        Launch(s_roundToBf16, GpuGrid.Elements(target.Length), [At(target, target.Length), target.Length]);

    /// <inheritdoc/>
    public void Tanh(DeviceSpan input, DeviceSpan output) =>
        Launch(s_tanh, GpuGrid.Elements(output.Length), [At(input, output.Length), At(output, output.Length), output.Length]);

    /// <inheritdoc/>
    public void TanhGradient(DeviceSpan output, DeviceSpan gradient) =>
        Launch(s_tanhGradient, GpuGrid.Elements(gradient.Length), [At(output, gradient.Length), At(gradient, gradient.Length), gradient.Length]);

    /// <inheritdoc/>
    public void CopyColumns(
        int rows, int width, DeviceSpan source, int sourceWidth, int sourceColumn, DeviceSpan target, int targetWidth, int targetColumn, bool add)
    {
        CheckColumns(width, sourceWidth, sourceColumn);
        CheckColumns(width, targetWidth, targetColumn);
        var count = checked(rows * width);
        Launch(s_copyColumns, GpuGrid.Elements(count),
        [
            At(source, (long)rows * sourceWidth), sourceWidth, sourceColumn, At(target, (long)rows * targetWidth), targetWidth, targetColumn, width, add, count,
        ]);
    }

    /// <inheritdoc/>
    public void Dropout(in DropoutMask mask, BatchShape shape, DeviceIndices rowKeys, int width, DeviceSpan input, DeviceSpan output)
    {
        var count = checked(shape.Positions * width);
        Launch(s_dropout, GpuGrid.Elements(count),
        [
            At(input, count), At(output, count), At(rowKeys, 2L * shape.Rows), (uint)mask.Key, (uint)(mask.Key >> 32), mask.Stream, mask.Threshold,
            mask.KeptScale, mask.FirstStep, shape.Rows, width, count,
        ]);
    }

    void Add(GpuSpan target, GpuSpan other, int count) => Launch(s_add, GpuGrid.Elements(count), [target, other, count]);

    static void CheckColumns(int width, int all, int first)
    {
        if (width < 0 || first < 0 || first > all - width)
            throw new ArgumentException($"{width} columns from {first} on do not lie within {all}", nameof(first));
    }
}
