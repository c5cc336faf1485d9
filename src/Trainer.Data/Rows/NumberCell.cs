using System.Globalization;

namespace LstmCluster.Data;

/// <summary>Decimals in a cell, with spaces between.</summary>
static class NumberCell
{
    /// <summary>Reads the numbers of a cell.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="isMissingAllowed">True where <c>-</c> stands for no number, which is read as NaN.</param>
    /// <exception cref="LstmCluster.Protocol.UserErrorException">Something in it is no finite number of 32 bits.</exception>
    public static float[] Read(in Cell cell, bool isMissingAllowed = false)
    {
        var numbers = new List<float>();
        for (var words = new TokenSplitter(cell.Text, Protocol.TokenKind.Word); words.MoveNext();)
        {
            if (isMissingAllowed && words.Current is "-")
            {
                numbers.Add(float.NaN);
                continue;
            }

            if (!float.TryParse(words.Current, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !float.IsFinite(number))
                throw cell.Error($"holds {Cell.Show(words.Current.ToString())}, expected decimal numbers such as -0.25 with spaces between");
            numbers.Add(number);
        }

        return [.. numbers];
    }
}
