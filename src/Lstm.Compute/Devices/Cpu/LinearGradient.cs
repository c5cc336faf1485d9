namespace LstmCluster.Compute.Cpu;

/// <summary>Weight gradients over the rows of one shard: <c>sum over (t,n) of left right^T</c>, and the column sums of left.</summary>
static unsafe class LinearGradient<V>
    where V : struct, ILanes<V>
{
    // So many gradient rows share one packed block of the left operand.
    const int RowsPerBlock = 256;

    /// <summary>One product per right operand, with the left operand packed once for both.</summary>
    /// <param name="shape">Extent of the whole batch.</param>
    /// <param name="rows">The shard's rows.</param>
    /// <param name="left">dy, [T,N,outputs].</param>
    /// <param name="outputs">Features of left.</param>
    /// <param name="right">x, [T,N,inputs].</param>
    /// <param name="inputs">Features of right.</param>
    /// <param name="gradient">[outputs,inputs].</param>
    /// <param name="secondRight">Another right operand over the same left one, [T,N,secondInputs]; null for none.</param>
    /// <param name="secondInputs">Features of it.</param>
    /// <param name="secondGradient">[outputs,secondInputs].</param>
    /// <param name="add">True: add to what the targets hold.</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(
        BatchShape shape, RowRange rows, float* left, int outputs, float* right, int inputs, float* gradient,
        float* secondRight, int secondInputs, float* secondGradient, bool add, Scratch scratch)
    {
        var inner = shape.Steps * rows.Count;
        var rightLength = Panels<V>.RightLength(inner, inputs);
        var secondLength = secondRight == null ? 0 : Panels<V>.RightLength(inner, secondInputs);
        var zeros = scratch.Zeros(Math.Max(inputs, secondInputs));
        var panels = scratch.Floats(rightLength + secondLength + Panels<V>.LeftLength(inner, Math.Min(outputs, RowsPerBlock)));
        var secondPanels = panels + rightLength;
        var tiles = secondPanels + secondLength;

        Panels<V>.PackRight(right, shape, rows, inputs, panels);
        if (secondRight != null) Panels<V>.PackRight(secondRight, shape, rows, secondInputs, secondPanels);
        for (var first = 0; first < outputs; first += RowsPerBlock)
        {
            var count = Math.Min(RowsPerBlock, outputs - first);
            Panels<V>.PackLeft(left, shape, rows, outputs, first, count, tiles);
            var operand = LeftOperand.Tiles<V>(tiles, inner);
            Product<V>.Run(count, inner, inputs, operand, panels, zeros, gradient + ((nint)first * inputs), add);
            if (secondRight != null)
                Product<V>.Run(count, inner, secondInputs, operand, secondPanels, zeros, secondGradient + ((nint)first * secondInputs), add);
        }
    }

    /// <summary><c>sums = sum over (t,n) of x</c>, in that order.</summary>
    public static void ColumnSums(BatchShape shape, RowRange rows, float* x, int width, float* sums, bool add, Scratch scratch)
    {
        var total = add ? scratch.Floats(width) : sums;
        new Span<float>(total, width).Clear();
        for (var t = 0; t < shape.Steps; t++)
        {
            var row = x + ((((nint)t * shape.Rows) + rows.First) * width);
            for (var n = 0; n < rows.Count; n++, row += width) Elementwise.Run<V, AddKernel>(new(total, row), width);
        }

        if (add) Elementwise.Run<V, AddKernel>(new(sums, total), width);
    }
}
