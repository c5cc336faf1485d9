namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void EmbeddingForward(DeviceSpan table, int width, DeviceIndices tokens, int first, int count, DeviceSpan output)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var ids = WholeNumbers(tokens, int.CreateSaturating((long)first + count)).Slice(first, count);
        var rows = Numbers(table);
        var gathered = Numbers(output, count * width);
        for (var position = 0; position < count; position++)
            TableRow(rows, ids[position], width).CopyTo(gathered.Slice(position * width, width));
    }

    /// <inheritdoc/>
    public void EmbeddingGradient(
        BatchShape shape, RowRange rows, int width, DeviceIndices tokens, DeviceSpan outputGradient, DeviceSpan tableGradient)
    {
        CheckRows(shape, rows);
        var ids = WholeNumbers(tokens, shape.Positions);
        var dy = Numbers(outputGradient, shape.Positions * width);
        var gradient = Numbers(tableGradient);
        gradient.Clear();
        for (var t = 0; t < shape.Steps; t++)
        {
            for (var n = rows.First; n < rows.First + rows.Count; n++)
            {
                var position = (t * shape.Rows) + n;
                var target = TableRow(gradient, ids[position], width);
                for (var feature = 0; feature < width; feature++)
                    target[feature] += dy[(position * width) + feature];
            }
        }
    }

    static Span<T> TableRow(Span<T> table, int token, int width)
    {
        var tokens = table.Length / width;
        if ((uint)token >= (uint)tokens)
            throw new ArgumentException($"token {token} does not lie in 0..{tokens - 1}", nameof(token));
        return table.Slice(token * width, width);
    }
}
