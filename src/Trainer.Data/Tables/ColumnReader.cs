using System.Globalization;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Reads the cells of one column of a table.</summary>
abstract class ColumnReader
{
    /// <summary>Makes the reader of a column.</summary>
    /// <param name="options">The column.</param>
    public static ColumnReader Of(ColumnOptions options) => options switch
    {
        NumericColumnOptions numeric => new NumericReader(numeric),
        CategoricalColumnOptions categorical => new CategoricalReader(categorical),
        DateColumnOptions date => new DateReader(date),
        _ => throw new NotSupportedException($"no reader for {options}"),
    };

    /// <summary>Names of the columns in the file.</summary>
    public abstract IReadOnlyList<string> Names { get; }

    /// <summary>Reads a row's cells.</summary>
    /// <param name="cells">The cells of <see cref="Names"/>.</param>
    /// <exception cref="UserErrorException">A cell does not fit.</exception>
    public abstract void Read(ReadOnlySpan<Cell> cells);

    /// <summary>What was read last.</summary>
    public abstract ColumnCell Last { get; }

    /// <summary>True for what stands in the place of a value that is missing.</summary>
    /// <param name="text">What a cell holds.</param>
    public virtual bool IsMissing(string text) => string.IsNullOrWhiteSpace(text);
}

/// <summary>Reads numbers.</summary>
sealed class NumericReader(NumericColumnOptions options) : ColumnReader
{
    static readonly string[] s_missing = ["", "NA", "NaN", "nan", "?"];

    float _last;

    public override IReadOnlyList<string> Names { get; } = [options.Name];

    public override void Read(ReadOnlySpan<Cell> cells)
    {
        var text = cells[0].Text.Trim();
        if (IsMissing(text))
        {
            if (options.Missing == MissingNumbers.Fail) throw cells[0].Error($"holds no number ({cells[0].Shown}), expected one (or missing: mean or previous for this column)");
            _last = float.NaN;
            return;
        }

        if (!float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _last) || !float.IsFinite(_last))
            throw cells[0].Error($"holds {cells[0].Shown}, expected a decimal number such as -0.25");
    }

    public override ColumnCell Last => new(_last);

    public override bool IsMissing(string text) => s_missing.Contains(text.Trim());
}

/// <summary>Reads words.</summary>
sealed class CategoricalReader(CategoricalColumnOptions options) : ColumnReader
{
    string _last = "";

    public override IReadOnlyList<string> Names { get; } = [options.Name];

    public override ColumnCell Last => new(Word: _last);

    public override void Read(ReadOnlySpan<Cell> cells) => _last = cells[0].Text;
}

/// <summary>Reads dates.</summary>
sealed class DateReader(DateColumnOptions options) : ColumnReader
{
    readonly DatePattern _pattern = new(options.Format);
    DateTime _last;

    public override IReadOnlyList<string> Names { get; } = options.Parts is { } parts ? [.. parts] : [options.Name];

    public override void Read(ReadOnlySpan<Cell> cells)
    {
        var text = cells.Length == 1 ? cells[0].Text : string.Join('-', cells.ToArray().Select(cell => cell.Text));
        if (!_pattern.TryRead(text, out _last))
            throw cells[0].Error($"{(cells.Length == 1 ? "holds" : "and its further parts make")} {Cell.Show(text)}, expected a date like {options.Format}");
    }

    public override ColumnCell Last => new(Date: _last);
}
