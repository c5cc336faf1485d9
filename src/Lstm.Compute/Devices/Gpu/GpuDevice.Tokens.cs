namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    static readonly GpuKernel s_gather = new("tokens", "token_gather");
    static readonly GpuKernel s_links = new("tokens", "token_links");
    static readonly GpuKernel s_scatter = new("tokens", "token_scatter");
    static readonly GpuKernel s_replace = new("tokens", "token_replace");

    /// <inheritdoc/>
    public void EmbeddingForward(DeviceSpan table, int width, DeviceIndices tokens, int first, int count, DeviceSpan output)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var (rows, ids, to) = (At(table, table.Length), At(tokens, (long)first + count), At(output, (long)count * width));
        CheckTokens(tokens.Written(first + count)[first..], table.Length / width);
        Launch(s_gather, GpuGrid.Elements(count * width), [rows, ids.From(first), to, width, count * width]);
    }

    /// <inheritdoc/>
    public void EmbeddingGradient(
        BatchShape shape, RowRange rows, int width, DeviceIndices tokens, DeviceSpan outputGradient, DeviceSpan tableGradient)
    {
        Check(rows, shape.Rows);
        var (ids, dy) = (At(tokens, shape.Positions), At(outputGradient, (long)shape.Positions * width));
        var table = At(tableGradient, tableGradient.Length);
        var known = tokens.Written(shape.Positions);
        for (var t = 0; t < shape.Steps; t++) CheckTokens(known.Slice((t * shape.Rows) + rows.First, rows.Count), tableGradient.Length / width);
        Fill(table, tableGradient.Length);
        var count = shape.Steps * rows.Count;
        var nexts = _scratch.Take(2L * count);
        var firsts = nexts.From(count);
        Launch(s_links, GpuGrid.Elements(count), [ids, nexts, firsts, shape.Rows, rows.First, rows.Count, count]);
        Launch(s_scatter, GpuGrid.Elements(count * width), [ids, nexts, firsts, dy, table, shape.Rows, rows.First, rows.Count, width, count * width]);
    }

    /// <inheritdoc/>
    public void ReplaceTokens(in DropoutMask mask, DeviceIndices rowKeys, DeviceSpan scores, int classes, int step, int rows, DeviceIndices tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        var (keys, row, ids) = (At(rowKeys, 2L * rows), At(scores, (long)rows * classes), At(tokens, (step + 1L) * rows));
        Launch(s_replace, GpuGrid.Rows(rows),
            [row, classes, keys, ids.From((long)step * rows), (uint)mask.Key, (uint)(mask.Key >> 32), mask.Stream, mask.Threshold, mask.Rate >= 1, step]);
        foreach (ref var known in tokens.Written((step + 1) * rows)[(step * rows)..])
            if (known >= 0)
                known = Math.Max(known, classes - 1);
    }

    static void CheckTokens(ReadOnlySpan<int> tokens, int vocabulary)
    {
        var stranger = tokens.IndexOfAnyExceptInRange(0, vocabulary - 1);
        if (stranger >= 0)
            throw new ArgumentOutOfRangeException(nameof(tokens), tokens[stranger], $"a token must be below the vocabulary size {vocabulary}");
    }
}
