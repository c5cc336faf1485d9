namespace LstmCluster.Data;

/// <summary>What a row has in one column; only what the column's kind has is filled.</summary>
/// <param name="Number">The number, NaN where it is missing.</param>
/// <param name="Word">The word; empty where there is none.</param>
/// <param name="Date">The date; the default where there is none.</param>
public readonly record struct ColumnCell(float Number = float.NaN, string Word = "", DateTime Date = default)
{
    /// <summary>What a row has where nothing stands.</summary>
    public static ColumnCell None { get; } = new(float.NaN);
}
