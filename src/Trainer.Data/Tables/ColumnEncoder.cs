using System.Globalization;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>From what a row has in one column to the features that a model reads.</summary>
abstract class ColumnEncoder
{
    /// <summary>Makes the encoder of a column.</summary>
    /// <param name="options">What the job says of it.</param>
    /// <param name="fit">What was learned of it.</param>
    public static ColumnEncoder Of(ColumnOptions options, ColumnFit fit) => options switch
    {
        NumericColumnOptions numeric => new NumberEncoder(numeric, fit),
        CategoricalColumnOptions => new WordEncoder(fit),
        DateColumnOptions date => new DateEncoder(date, fit),
        _ => throw new NotSupportedException($"no encoding for {options}"),
    };

    /// <summary>What stands before the first row of a series in the place of the number before it.</summary>
    public virtual float Beginning => 0;

    /// <summary>Encodes a row.</summary>
    /// <param name="cell">What the row has.</param>
    /// <param name="features">[width of the column], all zero before.</param>
    /// <param name="previous">What stands for a number that is missing; becomes that of the next row.</param>
    public abstract void Encode(in ColumnCell cell, Span<float> features, ref float previous);
}

/// <summary>A number, and where it may be missing whether it is.</summary>
sealed class NumberEncoder(NumericColumnOptions options, ColumnFit fit) : ColumnEncoder
{
    public override float Beginning => fit.Missing;

    public override void Encode(in ColumnCell cell, Span<float> features, ref float previous)
    {
        var isMissing = float.IsNaN(cell.Number);
        features[0] = isMissing ? previous : fit.Encode(cell.Number);
        if (features.Length > 1) features[1] = isMissing ? 1 : 0;
        if (options.Missing == MissingNumbers.Previous) previous = features[0];
    }
}

/// <summary>One of the words that were trained on; another one has none of the features.</summary>
sealed class WordEncoder : ColumnEncoder
{
    readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    public WordEncoder(ColumnFit fit)
    {
        foreach (var (index, word) in fit.Categories!.Index()) _ids.Add(word, index);
    }

    public override void Encode(in ColumnCell cell, Span<float> features, ref float previous)
    {
        if (_ids.TryGetValue(cell.Word, out var id)) features[id] = 1;
    }
}

/// <summary>The calendar of a date; a row without a date has none of the features.</summary>
sealed class DateEncoder(DateColumnOptions options, ColumnFit fit) : ColumnEncoder
{
    readonly DateTime _first = DateTime.ParseExact(fit.FirstDay!, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    public override void Encode(in ColumnCell cell, Span<float> features, ref float previous)
    {
        if (cell.Date == default) return;
        var at = 0;
        foreach (var kind in options.Features)
        {
            var width = CalendarFeatures.Width(kind);
            CalendarFeatures.Fill(kind, cell.Date, _first, features.Slice(at, width));
            at += width;
        }
    }
}
