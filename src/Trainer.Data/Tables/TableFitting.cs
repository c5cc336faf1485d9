using System.Globalization;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Learns of each column what a model must know to read it, from some rows alone.</summary>
static class TableFitting
{
    const int MostCategories = 4096;

    /// <summary>Learns from the rows that are trained on.</summary>
    /// <param name="table">The table.</param>
    /// <param name="trained">The rows that are trained on: of each range the first and how many, ascending.</param>
    /// <param name="fileName">What errors call the table.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">A column has nothing to learn from, or too many words.</exception>
    public static TableEncoding Fit(Table table, IReadOnlyList<(int First, int Count)> trained, string fileName, CancellationToken cancellation)
    {
        var rows = table.Content;
        ColumnLearner[] columns = [.. rows.Columns.Select((column, index) => ColumnLearner.Of(column, rows, index))];

        // Two passes, each in the order of the rows: the same bits whoever reads the table.
        foreach (var pass in Enumerable.Range(0, 2))
        {
            var cursor = new TableCursor(rows, cancellation);
            foreach (var (first, count) in trained)
            {
                for (var row = first; row < first + count; row++)
                {
                    var record = cursor.Record(row);
                    foreach (var column in columns)
                    {
                        if (pass == 0) column.Take(record);
                        else column.TakeAgain(record);
                    }
                }
            }

            // What a column has nothing to learn from, or too much, is told before the second pass.
            if (pass == 0) foreach (var column in columns) column.Require(fileName);
        }

        return new([.. columns.Select(column => column.ToFit())]);
    }

    /// <summary>Learns of one column.</summary>
    abstract class ColumnLearner
    {
        public static ColumnLearner Of(ColumnOptions column, TableRows rows, int index) => column switch
        {
            NumericColumnOptions options => new Numbers(options, rows, index),
            CategoricalColumnOptions options => new Words(options, rows, index),
            DateColumnOptions options => new Dates(options, rows, index),
            _ => throw new NotSupportedException($"no encoding for {column}"),
        };

        /// <summary>Takes in a row.</summary>
        public abstract void Take(ReadOnlySpan<byte> record);

        /// <summary>Refuses what was taken in.</summary>
        public virtual void Require(string fileName)
        {
        }

        /// <summary>Takes in a row once more, after all.</summary>
        public virtual void TakeAgain(ReadOnlySpan<byte> record)
        {
        }

        public abstract ColumnFit ToFit();
    }

    sealed class Numbers(NumericColumnOptions options, TableRows rows, int index) : ColumnLearner
    {
        int _count;
        double _sum, _mean, _squares;

        public override void Take(ReadOnlySpan<byte> record)
        {
            var number = rows.NumberOf(record, index);
            if (Counts(number)) (_count, _sum) = (_count + 1, _sum + number);
        }

        public override void Require(string fileName)
        {
            if (_count == 0) throw UserErrorException.At(fileName, $"column \"{options.Name}\" has no number in the rows to train on, expected some");
            _mean = _sum / _count;
        }

        public override void TakeAgain(ReadOnlySpan<byte> record)
        {
            var number = rows.NumberOf(record, index);
            if (Counts(number)) _squares += (number - _mean) * (number - _mean);
        }

        public override ColumnFit ToFit()
        {
            var deviation = Math.Sqrt(_squares / _count);
            return new ColumnFit(options.Name, options.Missing == MissingNumbers.Fail ? 1 : 2)
            {
                IsTarget = options.Role == ColumnRole.Target,
                Mean = options.Standardize ? _mean : 0,
                Average = options.Standardize || options.Missing == MissingNumbers.Fail ? null : _mean,
                Scale = options.Standardize && deviation > 0 ? deviation : 1,
            };
        }

        // What is left out afterwards (TableRange) must not be in the mean. A standardised column has no such number: its own deviation grows with it.
        bool Counts(float number) => !float.IsNaN(number) && (options.Standardize || Math.Abs(number) <= ColumnFit.LargestEncoded);
    }

    sealed class Words(CategoricalColumnOptions options, TableRows rows, int index) : ColumnLearner
    {
        readonly bool[] _isThere = new bool[rows.WordsOf(index).Count];

        public override void Take(ReadOnlySpan<byte> record) => _isThere[rows.WordOf(record, index)] = true;

        public override void Require(string fileName)
        {
            var words = _isThere.Count(isThere => isThere);
            if (words > MostCategories)
                throw UserErrorException.At(fileName, $"column \"{options.Name}\" has {words} different words, expected at most {MostCategories} for a categorical column");
        }

        public override ColumnFit ToFit()
        {
            string[] words = [.. rows.WordsOf(index).Where((_, word) => _isThere[word]).Order(StringComparer.Ordinal)];
            return new ColumnFit(options.Name, words.Length) { Categories = words };
        }
    }

    sealed class Dates(DateColumnOptions options, TableRows rows, int index) : ColumnLearner
    {
        DateTime _first = DateTime.MaxValue;

        public override void Take(ReadOnlySpan<byte> record)
        {
            var date = rows.DateOf(record, index);
            if (date < _first) _first = date;
        }

        public override ColumnFit ToFit() =>
            new(options.Name, options.Features.Sum(CalendarFeatures.Width)) { FirstDay = _first.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) };
    }
}
