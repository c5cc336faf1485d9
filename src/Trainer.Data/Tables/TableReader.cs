using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Reads the columns of a table that a job asks for.</summary>
static class TableReader
{
    /// <summary>Reads files, one behind the other.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="job">The columns.</param>
    /// <param name="bad">What becomes of malformed rows.</param>
    /// <param name="place">Where the rows are kept.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">A file cannot be read, lacks a column, or has a malformed row; names the line.</exception>
    public static Table Read(IReadOnlyList<string> paths, Job job, BadRows bad, SpoolPlace place, CancellationToken cancellation = default)
    {
        using var reading = new Reading(job, bad, place);
        foreach (var path in paths)
        {
            using var reader = FileContent.OpenText(path, cancellation: cancellation);
            reading.Add(reader, path);
        }

        return reading.ToTable(cancellation);
    }

    /// <summary>Reads the content of a file.</summary>
    /// <exception cref="UserErrorException">It lacks a column, or has a malformed row; names the line.</exception>
    public static Table Read(TextReader reader, string fileName, Job job, BadRows bad, SpoolPlace place)
    {
        using var reading = new Reading(job, bad, place);
        reading.Add(reader, fileName);
        return reading.ToTable();
    }

    /// <summary>What has been read so far.</summary>
    sealed class Reading : IDisposable
    {
        readonly DataOptions _data;
        readonly string? _label;
        readonly BadRows _bad;
        readonly ColumnReader[] _columns;
        readonly OrderedDictionary<string, int> _series = [];
        readonly TableRows _rows;
        readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public Reading(Job job, BadRows bad, SpoolPlace place)
        {
            (_data, _bad, _label) = (job.Data, bad, (job.Task as AnomalyTask)?.Label);
            _columns = [.. job.Data.Columns!.Select(ColumnReader.Of)];
            _rows = new TableRows([.. job.Data.Columns!], place);
        }

        public void Add(TextReader reader, string fileName)
        {
            using var file = new ColumnFile(reader, fileName, _data.Format!.Value, [.. _columns.SelectMany(column => column.Names)], _bad);
            int[][] places = [.. _columns.Select(column => column.Names.Select(name => file.Find(name, "data.columns")).ToArray())];
            var series = _data.Series is { } inColumn ? file.Find(inColumn, "data.series") : -1;
            var label = _label is null ? -1 : file.Find(_label, "task.anomaly.label");
            var cells = new Cell[_columns.Max(column => column.Names.Count)];
            foreach (var (line, row) in file.Rows())
            {
                var isLabelled = false;
                try
                {
                    for (var column = 0; column < places.Length; column++)
                    {
                        for (var part = 0; part < places[column].Length; part++) cells[part] = new Cell(fileName, line, _columns[column].Names[part], row[places[column][part]]);
                        _columns[column].Read(cells.AsSpan(0, places[column].Length));
                    }

                    if (label >= 0) isLabelled = LabelOf(new Cell(fileName, line, _label!, row[label]));
                }
                catch (UserErrorException error)
                {
                    _bad.Take(error);
                    continue;
                }

                var name = series < 0 ? "" : row[series];
                if (!_series.TryGetValue(name, out var number)) _series.Add(name, number = _series.Count);
                _rows.Add(number, line, isLabelled, _columns);
                foreach (var column in places)
                    foreach (var place in column)
                        _hash.AppendData(Encoding.UTF8.GetBytes(row[place] + "\t"));
                _hash.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
            }
        }

        public Table ToTable(CancellationToken cancellation = default)
        {
            // Rows of a series need not stand together in the file.
            _rows.Complete(cancellation);
            var (series, at) = (new List<TableSeries>(), 0);
            foreach (var (name, number) in _series)
            {
                series.Add(new TableSeries(name, at, _rows.SeriesCounts[number]));
                at += _rows.SeriesCounts[number];
            }

            return new Table(_rows, series) { HasLabels = _label is not null, Sha256 = Convert.ToHexStringLower(_hash.GetHashAndReset()) };
        }

        public void Dispose() => _hash.Dispose();

        static bool LabelOf(in Cell cell) =>
            double.TryParse(cell.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value != 0
                : throw cell.Error($"holds {cell.Shown}, expected a number: 0 for an ordinary row, another one for a row out of the ordinary");
    }
}
