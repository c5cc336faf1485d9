using System.Buffers.Binary;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>What stands in the rows of a table, each in as many bytes: its series, its line, its label and its cells.</summary>
sealed class TableRows
{
    const int LineOffset = 4, LabelOffset = 8, CellsOffset = 9;

    readonly SpoolPlace _place;
    readonly int[] _offsets;
    readonly ColumnWords?[] _words;
    readonly byte[] _record;
    readonly List<int> _counts = [];
    ByteSpool _records;
    int _lastSeries = -1;
    bool _isMixed;

    /// <param name="columns">The columns.</param>
    /// <param name="place">Where the rows are kept.</param>
    public TableRows(IReadOnlyList<ColumnOptions> columns, SpoolPlace place)
    {
        (_place, _records, _offsets) = (place, new ByteSpool(place), new int[columns.Count]);
        _words = [.. columns.Select(column => column is CategoricalColumnOptions ? new ColumnWords() : null)];
        var offset = CellsOffset;
        for (var column = 0; column < _offsets.Length; column++)
        {
            _offsets[column] = offset;
            offset += columns[column] is DateColumnOptions ? sizeof(long) : sizeof(int);
        }

        (Columns, _record) = (columns, new byte[offset]);
    }

    /// <summary>No rows yet, of the same columns, words and series.</summary>
    TableRows(TableRows other)
    {
        (Columns, _place, _offsets, _words, _record) = (other.Columns, other._place, other._offsets, other._words, other._record);
        (_records, _counts) = (new ByteSpool(_place), [.. other._counts.Select(_ => 0)]);
    }

    /// <summary>The columns.</summary>
    public IReadOnlyList<ColumnOptions> Columns { get; }

    /// <summary>Number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>Rows of each series.</summary>
    public IReadOnlyList<int> SeriesCounts => _counts;

    /// <summary>Bytes of a row.</summary>
    public int RowBytes => _record.Length;

    /// <summary>Takes a row.</summary>
    /// <param name="series">Its series; they are numbered as they are first seen.</param>
    /// <param name="line">Its line in the file.</param>
    /// <param name="isLabelled">Whether it is known to be out of the ordinary.</param>
    /// <param name="columns">What was read last in each column.</param>
    /// <exception cref="UserErrorException">There are more than can be counted, or they cannot be kept.</exception>
    public void Add(int series, int line, bool isLabelled, IReadOnlyList<ColumnReader> columns)
    {
        if (Count == int.MaxValue) throw new UserErrorException($"the table has more than {int.MaxValue} rows, which is more than can be counted; split the files (data.source)");
        var record = _record.AsSpan();
        BinaryPrimitives.WriteInt32LittleEndian(record, series);
        BinaryPrimitives.WriteInt32LittleEndian(record[LineOffset..], line);
        record[LabelOffset] = isLabelled ? (byte)1 : (byte)0;
        for (var column = 0; column < _offsets.Length; column++)
        {
            var cell = columns[column].Last;
            var own = record[_offsets[column]..];
            switch (Columns[column])
            {
                case NumericColumnOptions: BinaryPrimitives.WriteSingleLittleEndian(own, cell.Number); break;
                case CategoricalColumnOptions: BinaryPrimitives.WriteInt32LittleEndian(own, _words[column]!.Add(cell.Word)); break;
                default: BinaryPrimitives.WriteInt64LittleEndian(own, cell.Date.Ticks); break;
            }
        }

        _records.Append(record);
        if (series == _counts.Count) _counts.Add(0);
        _isMixed |= series < _lastSeries;
        (_lastSeries, Count) = (series, Count + 1);
        _counts[series]++;
    }

    /// <summary>Puts the rows of a series together, in the order in which they were taken. No more are taken afterwards.</summary>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">They cannot be kept.</exception>
    public void Complete(CancellationToken cancellation = default)
    {
        _records.Flush();
        if (!_isMixed) return;
        var (sorted, next, at) = (new ByteSpool(_place), new int[_counts.Count], 0);
        for (var series = 0; series < next.Length; at += _counts[series++]) next[series] = at;
        sorted.Reserve(_records.Length);
        var rows = new TableCursor(this, cancellation);
        for (var row = 0; row < Count; row++)
        {
            var record = rows.Record(row);
            sorted.WriteAt((long)next[BinaryPrimitives.ReadInt32LittleEndian(record)]++ * RowBytes, record);
        }

        sorted.Flush();
        _records.Free();
        _records = sorted;
    }

    /// <summary>The rows without some of them, which are all that is left of these. The series stay, even one that has no row any more.</summary>
    /// <param name="left">The rows that are left out, ascending.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">They cannot be kept.</exception>
    public TableRows Without(IReadOnlyList<int> left, CancellationToken cancellation)
    {
        var (rest, cursor, next) = (new TableRows(this), new TableCursor(this, cancellation), 0);
        for (var row = 0; row < Count; row++)
        {
            if (next < left.Count && left[next] == row)
            {
                next++;
                continue;
            }

            var record = cursor.Record(row);
            rest._records.Append(record);
            rest._counts[BinaryPrimitives.ReadInt32LittleEndian(record)]++;
            rest.Count++;
        }

        rest._records.Flush();
        _records.Free();
        return rest;
    }

    /// <summary>The words of a categorical column, in the order in which they were first seen.</summary>
    public IReadOnlyList<string> WordsOf(int column) => _words[column]!.Words;

    /// <summary>Copies consecutive rows.</summary>
    /// <param name="first">The first one.</param>
    /// <param name="records">[rows, <see cref="RowBytes"/>]. Out only.</param>
    public void Read(int first, Span<byte> records) => _records.Read((long)first * RowBytes, records);

    /// <summary>Line of a row in its file.</summary>
    public int LineOf(int row)
    {
        Span<byte> line = stackalloc byte[sizeof(int)];
        _records.Read(((long)row * RowBytes) + LineOffset, line);
        return BinaryPrimitives.ReadInt32LittleEndian(line);
    }

    /// <summary>True for a row that is known to be out of the ordinary.</summary>
    public bool IsLabelled(int row)
    {
        Span<byte> label = stackalloc byte[1];
        _records.Read(((long)row * RowBytes) + LabelOffset, label);
        return label[0] != 0;
    }

    /// <summary>The number in a row's numeric column, NaN where it is missing.</summary>
    public float NumberOf(ReadOnlySpan<byte> record, int column) => BinaryPrimitives.ReadSingleLittleEndian(record[_offsets[column]..]);

    /// <summary>The place of the word in a row's categorical column among <see cref="WordsOf"/>.</summary>
    public int WordOf(ReadOnlySpan<byte> record, int column) => BinaryPrimitives.ReadInt32LittleEndian(record[_offsets[column]..]);

    /// <summary>The date in a row's column of dates.</summary>
    public DateTime DateOf(ReadOnlySpan<byte> record, int column) => new(BinaryPrimitives.ReadInt64LittleEndian(record[_offsets[column]..]));

    /// <summary>What a row has in a column.</summary>
    public ColumnCell CellOf(ReadOnlySpan<byte> record, int column) => Columns[column] switch
    {
        NumericColumnOptions => new ColumnCell(NumberOf(record, column)),
        CategoricalColumnOptions => new ColumnCell(Word: _words[column]!.Words[WordOf(record, column)]),
        _ => new ColumnCell(Date: DateOf(record, column)),
    };

    /// <summary>The words of a column: each is kept once, however many rows have it.</summary>
    sealed class ColumnWords
    {
        readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

        public List<string> Words { get; } = [];

        public int Add(string word)
        {
            if (_places.TryGetValue(word, out var place)) return place;
            _places.Add(word, Words.Count);
            Words.Add(word);
            return Words.Count - 1;
        }
    }
}

/// <summary>Goes through the rows of a table, of which it reads some at once; one thread uses it.</summary>
/// <param name="rows">The rows.</param>
/// <param name="cancellation">Ends a way through a long table with an <see cref="OperationCanceledException"/>.</param>
sealed class TableCursor(TableRows rows, CancellationToken cancellation)
{
    const int BytesAtOnce = 1 << 16;

    readonly byte[] _block = new byte[Math.Max(1, BytesAtOnce / rows.RowBytes) * rows.RowBytes];
    int _first, _count;

    /// <summary>A row, valid until the next is asked for; those that follow one another are read together.</summary>
    public ReadOnlySpan<byte> Record(int row)
    {
        if (row < _first || row >= _first + _count)
        {
            cancellation.ThrowIfCancellationRequested();
            (_first, _count) = (row, Math.Min(_block.Length / rows.RowBytes, rows.Count - row));
            rows.Read(_first, _block.AsSpan(0, _count * rows.RowBytes));
        }

        return _block.AsSpan((row - _first) * rows.RowBytes, rows.RowBytes);
    }
}
