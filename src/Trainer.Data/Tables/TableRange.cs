using System.Globalization;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Numbers of a table that are too far from what was trained on to be computed with.</summary>
static class TableRange
{
    /// <summary>The error about a cell.</summary>
    /// <param name="cell">The cell, with a number that <see cref="ColumnFit.CanEncode"/> refuses.</param>
    /// <param name="fit">What was learned of its column.</param>
    public static UserErrorException TooFar(in Cell cell, ColumnFit fit)
    {
        var (least, most) = fit.Range;
        return cell.Error(string.Create(CultureInfo.InvariantCulture, $"holds {cell.Shown}, expected a number from {least:G3} to {most:G3}: others are too far from what was trained on to be computed with"));
    }
}
