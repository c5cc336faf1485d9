using System.Globalization;

namespace LstmCluster.Data;

/// <summary>Decimals in a cell, with spaces between.</summary>
static class NumberCell
{
    /// <summary>Reads the numbers of a cell.</summary>
    /// <exception cref="LstmCluster.Protocol.UserErrorException">Something in it is no finite number of 32 bits.</exception>
    public static float[] Read(in Cell cell)
    {
        var numbers = new List<float>();
        for (var words = new TokenSplitter(cell.Text, Protocol.TokenKind.Word); words.MoveNext();)
        {
            if (!float.TryParse(words.Current, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !float.IsFinite(number))
                throw cell.Error($"holds {Cell.Show(words.Current.ToString())}, expected decimal numbers such as -0.25 with spaces between");
            numbers.Add(number);
        }

        return [.. numbers];
    }
}
