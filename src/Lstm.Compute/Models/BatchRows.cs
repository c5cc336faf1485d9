namespace LstmCluster.Compute;

/// <summary>The rows of the loaded batch: the shard that each belongs to, the key of its masks, and its length.</summary>
sealed class BatchRows(IDevice device) : IDisposable
{
    readonly GrowingIndices _keys = new(device), _lengths = new(device);
    readonly ShardRows[] _oneShard = new ShardRows[1];
    ShardRows[] _shards = [];
    int[] _hostKeys = [], _hostLengths = [];
    bool _isRagged;

    /// <summary>T and N.</summary>
    public BatchShape Shape { get; private set; }

    /// <summary>The shards, ascending; together all rows.</summary>
    public ReadOnlySpan<ShardRows> Shards => _shards;

    /// <summary>[N], steps of each row; empty when all have T.</summary>
    public ReadOnlySpan<int> Lengths => _isRagged ? _hostLengths.AsSpan(0, Shape.Rows) : [];

    /// <summary>[N] on the device, also when all rows have T steps.</summary>
    public DeviceIndices DeviceLengths => _lengths.Value;

    /// <summary>Makes room for so many rows.</summary>
    public void Reserve(int rows)
    {
        _keys.Reserve(2 * rows);
        _lengths.Reserve(rows);
        if (_hostLengths.Length < rows) (_hostKeys, _hostLengths) = (new int[2 * rows], new int[rows]);
    }

    /// <summary>Takes in the rows of a batch.</summary>
    /// <param name="shape">T and N.</param>
    /// <param name="shards">The shards, ascending; together all rows; empty when all are of shard 0.</param>
    /// <param name="lengths">[N], each in 0..T; empty when all rows have T steps.</param>
    /// <exception cref="ArgumentException">The batch is empty or too large, the shards are not all of its rows in order, or the lengths are not those of its rows.</exception>
    public void Load(BatchShape shape, ReadOnlySpan<ShardRows> shards, ReadOnlySpan<int> lengths)
    {
        if (shape.Steps < 1 || shape.Rows < 1)
            throw new ArgumentException($"a batch of {shape.Steps} steps and {shape.Rows} rows is empty", nameof(shape));
        if ((long)shape.Steps * shape.Rows > int.MaxValue)
            throw new ArgumentException($"a batch of {shape.Steps} steps and {shape.Rows} rows is too large: give fewer steps or rows at once", nameof(shape));
        if (shards.IsEmpty)
        {
            _oneShard[0] = new ShardRows(0, new RowRange(0, shape.Rows));
            shards = _oneShard;
        }

        RequireAllRows(shape.Rows, shards);
        RequireLengths(shape, lengths);
        Reserve(shape.Rows);
        Shape = shape;
        if (_shards.Length != shards.Length) _shards = new ShardRows[shards.Length];
        shards.CopyTo(_shards);
        WriteKeys();

        // Rows that all reach the end are an even batch, which has faster kernels and the same bits.
        _isRagged = lengths.ContainsAnyExcept(shape.Steps);
        var own = _hostLengths.AsSpan(0, shape.Rows);
        if (_isRagged) lengths.CopyTo(own);
        else own.Fill(shape.Steps);
        device.Write(_lengths.Value, own);
    }

    /// <summary>What layers must know of the batch.</summary>
    public Pass Pass(bool training, ulong maskKey) => new(Shape, training, maskKey, _keys.Value, _isRagged ? _lengths.Value : null, _shards);

    public void Dispose()
    {
        _keys.Dispose();
        _lengths.Dispose();
    }

    static void RequireAllRows(int rows, ReadOnlySpan<ShardRows> shards)
    {
        var (next, last) = (0, -1);
        foreach (var (shard, range) in shards)
        {
            if (range.First != next || range.Count < 1 || shard <= last)
                throw new ArgumentException($"shard {shard} with rows from {range.First} does not follow shard {last} and row {next}", nameof(shards));
            (next, last) = (next + range.Count, shard);
        }

        if (next != rows) throw new ArgumentException($"the shards have {next} rows, the batch {rows}", nameof(shards));
    }

    static void RequireLengths(BatchShape shape, ReadOnlySpan<int> lengths)
    {
        if (!lengths.IsEmpty && lengths.Length != shape.Rows)
            throw new ArgumentException($"{lengths.Length} lengths are not those of {shape.Rows} rows", nameof(lengths));
        if (lengths.ContainsAnyExceptInRange(0, shape.Steps))
            throw new ArgumentOutOfRangeException(nameof(lengths), $"a row's length must be in 0..{shape.Steps}");
    }

    void WriteKeys()
    {
        var keys = _hostKeys.AsSpan(0, 2 * Shape.Rows);
        foreach (var (shard, rows) in _shards)
        {
            for (var row = 0; row < rows.Count; row++) (keys[2 * (rows.First + row)], keys[(2 * (rows.First + row)) + 1]) = (shard, row);
        }

        device.Write(_keys.Value, keys);
    }
}
