namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void PoolForward(Pooling kind, BatchShape shape, int width, DeviceIndices lengths, DeviceSpan input, DeviceSpan output)
    {
        var steps = Lengths(lengths, shape);
        var x = Numbers(input, shape.Positions * width);
        var y = Numbers(output, shape.Rows * width);
        for (var n = 0; n < shape.Rows; n++)
        {
            for (var feature = 0; feature < width; feature++)
            {
                int At(int t) => (((t * shape.Rows) + n) * width) + feature;
                var (pooled, length) = (T.Zero, steps[n]);
                for (var t = 0; t < length; t++)
                {
                    pooled = kind switch
                    {
                        Pooling.Last => x[At(t)],
                        Pooling.Mean => pooled + x[At(t)],
                        _ => t == 0 ? x[At(t)] : T.Max(pooled, x[At(t)]),
                    };
                }

                y[(n * width) + feature] = kind == Pooling.Mean && length > 0 ? pooled / T.CreateChecked(length) : pooled;
            }
        }
    }

    /// <inheritdoc/>
    public void PoolBackward(
        Pooling kind, BatchShape shape, int width, DeviceIndices lengths, DeviceSpan input, DeviceSpan output,
        DeviceSpan outputGradient, DeviceSpan inputGradient)
    {
        var steps = Lengths(lengths, shape);
        var x = kind == Pooling.Max ? Numbers(input, shape.Positions * width) : [];
        var y = kind == Pooling.Max ? Numbers(output, shape.Rows * width) : [];
        var dy = Numbers(outputGradient, shape.Rows * width);
        var dx = Numbers(inputGradient, shape.Positions * width);
        dx.Clear();
        for (var n = 0; n < shape.Rows; n++)
        {
            for (var feature = 0; feature < width; feature++)
            {
                int At(int t) => (((t * shape.Rows) + n) * width) + feature;
                var (pooled, length) = ((n * width) + feature, steps[n]);
                if (length == 0)
                    continue;
                switch (kind)
                {
                    case Pooling.Last:
                        dx[At(length - 1)] = dy[pooled];
                        break;
                    case Pooling.Mean:
                        for (var t = 0; t < length; t++)
                            dx[At(t)] = dy[pooled] / T.CreateChecked(length);
                        break;
                    default:
                        var first = 0;
                        while (x[At(first)] < y[pooled])
                            first++;
                        dx[At(first)] = dy[pooled];
                        break;
                }
            }
        }
    }

    static Span<int> Lengths(DeviceIndices lengths, BatchShape shape)
    {
        var steps = WholeNumbers(lengths, shape.Rows);
        foreach (var length in steps)
        {
            if ((uint)length > (uint)shape.Steps)
                throw new ArgumentException($"a sequence of {length} steps does not fit a batch of {shape.Steps}", nameof(lengths));
        }

        return steps;
    }
}
