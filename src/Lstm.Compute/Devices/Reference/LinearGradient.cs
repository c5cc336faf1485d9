namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void LinearGradient(
        BatchShape shape, RowRange rows, DeviceSpan outputGradient, int outputs, DeviceSpan input, int inputs,
        DeviceSpan kernelGradient, DeviceSpan biasGradient, bool accumulate)
    {
        CheckRows(shape, rows);
        var dy = Numbers(outputGradient, shape.Positions * outputs);
        var x = Numbers(input, shape.Positions * inputs);
        KernelGradient(shape, rows, dy, outputs, x, inputs, Numbers(kernelGradient, outputs * inputs), accumulate);
        if (!biasGradient.IsEmpty)
            BiasGradient(shape, rows, dy, outputs, Numbers(biasGradient, outputs), accumulate);
    }

    void KernelGradient(
        BatchShape shape, RowRange rows, ReadOnlySpan<T> dy, int outputs, ReadOnlySpan<T> x, int inputs, Span<T> gradient, bool accumulate)
    {
        for (var output = 0; output < outputs; output++)
        {
            for (var input = 0; input < inputs; input++)
            {
                var sum = T.Zero;
                for (var t = 0; t < shape.Steps; t++)
                {
                    for (var n = rows.First; n < rows.First + rows.Count; n++)
                    {
                        var position = (t * shape.Rows) + n;
                        sum = T.FusedMultiplyAdd(Operand(dy[(position * outputs) + output]), Operand(x[(position * inputs) + input]), sum);
                    }
                }

                ref var element = ref gradient[(output * inputs) + input];
                element = accumulate ? element + sum : sum;
            }
        }
    }

    static void BiasGradient(BatchShape shape, RowRange rows, ReadOnlySpan<T> dy, int outputs, Span<T> gradient, bool accumulate)
    {
        for (var output = 0; output < outputs; output++)
        {
            var sum = T.Zero;
            for (var t = 0; t < shape.Steps; t++)
            {
                for (var n = rows.First; n < rows.First + rows.Count; n++)
                    sum += dy[(((t * shape.Rows) + n) * outputs) + output];
            }

            ref var element = ref gradient[output];
            element = accumulate ? element + sum : sum;
        }
    }
}
