using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>A row of a table that a trained model is used on.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Series">What it has in the column that tells the series; empty where all rows are one.</param>
/// <param name="Cells">What it has in each of the job's columns.</param>
/// <param name="HasTarget">True when one of the target columns holds a number; a row without may be one that is to be told.</param>
/// <param name="Flaw">Why it cannot be read as a row whose values are known; null when it can.</param>
public sealed record TableInput(int Line, string Series, IReadOnlyList<ColumnCell> Cells, bool HasTarget, UserErrorException? Flaw);
