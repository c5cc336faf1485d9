namespace LstmCluster.Data;

/// <summary>Goes through the targets of a table, many rows of which are read at once; one thread uses it.</summary>
/// <param name="table">The table.</param>
public sealed class TargetBlocks(EncodedTable table)
{
    const int RowsAtOnce = 1 << 12;

    float[] _block = [];
    int _first, _end;

    /// <summary>[count,Outputs], the targets of consecutive rows. Valid until others are asked for; fast for rows that rise.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">Number of rows.</param>
    public ReadOnlySpan<float> Of(int first, int count)
    {
        if (first < _first || first + count > _end)
        {
            (_first, _end) = (first, Math.Min(table.Table.Rows, first + Math.Max(count, RowsAtOnce)));
            _block = table.Targets(_first, _end - _first).ToArray();
        }

        return _block.AsSpan((first - _first) * table.Outputs, count * table.Outputs);
    }
}
