namespace LstmCluster.Compute.Cpu;

/// <summary>Weight gradients over the rows of one shard: <c>sum over (t,n) of left right^T</c>, and the column sums of left.</summary>
static unsafe class LinearGradient<V>
    where V : struct, ILanes<V>
{
    // So many gradient rows share one packed block of the left operand.
    const int RowsPerBlock = 256;

    /// <summary>One product per right operand, with the left operand packed once for both.</summary>
    /// <param name="over">The positions.</param>
    /// <param name="left">dy, [T,N,outputs].</param>
    /// <param name="outputs">Features of left.</param>
    /// <param name="right">x, [T,N,inputs].</param>
    /// <param name="inputs">Features of right.</param>
    /// <param name="gradient">[outputs,inputs].</param>
    /// <param name="secondRight">Another right operand over the same left one, [T,N,secondInputs]; null for none.</param>
    /// <param name="secondInputs">Features of it.</param>
    /// <param name="secondGradient">[outputs,secondInputs].</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(
        in SummedRows over, float* left, int outputs, float* right, int inputs, float* gradient,
        float* secondRight, int secondInputs, float* secondGradient, Scratch scratch)
    {
        if (secondRight == null) secondInputs = 0;

        // A sum over several segments must be whole before it is added.
        var apart = over is { Sum: Summation.Add, Segments: > 1 };
        var longest = over.LongestSegment * over.Rows.Count;
        var zeros = scratch.Zeros(Math.Max(inputs, secondInputs));
        var panels = scratch.Floats(
            Panels<V>.RightLength(longest, inputs) + Panels<V>.RightLength(longest, secondInputs)
            + Panels<V>.LeftLength(longest, Math.Min(outputs, RowsPerBlock)) + (apart ? (long)outputs * (inputs + secondInputs) : 0));
        var secondPanels = panels + Panels<V>.RightLength(longest, inputs);
        var tiles = secondPanels + Panels<V>.RightLength(longest, secondInputs);
        var sums = apart ? tiles + Panels<V>.LeftLength(longest, Math.Min(outputs, RowsPerBlock)) : gradient;
        var secondSums = apart ? sums + ((nint)outputs * inputs) : secondGradient;
        for (var turn = 0; turn < over.Segments; turn++)
        {
            var segment = over.Segment(turn);
            var inner = over.PositionsOf(segment);
            var start = turn == 0 && over.Sum != Summation.Continue ? zeros : null;
            var add = over.Sum == Summation.Add && !apart;
            Panels<V>.PackRight(right, over, segment, inner, inputs, panels);
            scratch.Round(panels, Panels<V>.RightLength(inner, inputs));
            if (secondRight != null)
            {
                Panels<V>.PackRight(secondRight, over, segment, inner, secondInputs, secondPanels);
                scratch.Round(secondPanels, Panels<V>.RightLength(inner, secondInputs));
            }

            for (var first = 0; first < outputs; first += RowsPerBlock)
            {
                var count = Math.Min(RowsPerBlock, outputs - first);
                Panels<V>.PackLeft(left, over, segment, inner, outputs, first, count, tiles);
                scratch.Round(tiles, Panels<V>.LeftLength(inner, count));
                var operand = LeftOperand.Tiles<V>(tiles, inner);
                Product<V>.Run(count, inner, inputs, operand, panels, start, sums + ((nint)first * inputs), add);
                if (secondRight != null)
                    Product<V>.Run(count, inner, secondInputs, operand, secondPanels, start, secondSums + ((nint)first * secondInputs), add);
            }
        }

        if (!apart) return;
        Elementwise.Run<V, AddKernel>(new(gradient, sums), outputs * inputs);
        if (secondRight != null) Elementwise.Run<V, AddKernel>(new(secondGradient, secondSums), outputs * secondInputs);
    }

    /// <summary><c>sums = sum over (t,n) of x</c>.</summary>
    public static void ColumnSums(in SummedRows over, float* x, int width, float* sums, Scratch scratch)
    {
        var total = Begin(over, sums, width, scratch);
        for (var turn = 0; turn < over.Segments; turn++)
        {
            var segment = over.Segment(turn);
            for (var t = segment.First; t < segment.End; t++)
            {
                var row = x + ((((nint)t * over.Shape.Rows) + over.Rows.First) * width);
                for (var n = over.Rows.First; n < over.Rows.First + over.Rows.Count; n++, row += width)
                    if (!over.Lengths.IsPadded(t, n))
                        Elementwise.Run<V, AddKernel>(new(total, row), width);
            }
        }

        if (over.Sum == Summation.Add) Elementwise.Run<V, AddKernel>(new(sums, total), width);
    }

    /// <summary><c>sums = sum over (t,n) of a*b</c>, feature by feature.</summary>
    public static void ProductSums(in SummedRows over, float* a, int aWidth, float* b, int width, float* sums, Scratch scratch)
    {
        var total = Begin(over, sums, width, scratch);
        for (var turn = 0; turn < over.Segments; turn++)
        {
            var segment = over.Segment(turn);
            for (var t = segment.First; t < segment.End; t++)
            {
                for (var n = over.Rows.First; n < over.Rows.First + over.Rows.Count; n++)
                {
                    var position = ((nint)t * over.Shape.Rows) + n;
                    Elementwise.Run<V, MultiplyAdded>(new(a + (position * aWidth), b + (position * width), total), width);
                }
            }
        }

        if (over.Sum == Summation.Add) Elementwise.Run<V, AddKernel>(new(sums, total), width);
    }

    /// <summary>Where sums grow, holding what they begin at.</summary>
    static float* Begin(in SummedRows over, float* sums, int width, Scratch scratch)
    {
        var total = over.Sum == Summation.Add ? scratch.Floats(width) : sums;
        if (over.Sum != Summation.Continue) new Span<float>(total, width).Clear();
        return total;
    }
}
