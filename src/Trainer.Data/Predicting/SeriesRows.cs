namespace LstmCluster.Data;

/// <summary>The newest rows of one series, encoded one by one as they come, so that a series may go on for ever.</summary>
/// <param name="encoder">Encodes rows.</param>
/// <param name="most">So many of the newest are kept.</param>
sealed class SeriesRows(RowEncoder encoder, int most) : IEncodedRows
{
    // When the room is used up the newest move to its beginning: each row is moved once on average.
    readonly float[] _features = new float[2 * most * encoder.Width], _targets = new float[2 * most * encoder.Outputs];
    readonly float[] _previous = encoder.BeginSeries();
    int _dropped;

    /// <summary>Rows that have come.</summary>
    public int Count { get; private set; }

    /// <inheritdoc/>
    public TableEncoding Encoding => encoder.Encoding;

    /// <inheritdoc/>
    public int Width => encoder.Width;

    /// <inheritdoc/>
    public int Outputs => encoder.Outputs;

    /// <inheritdoc/>
    public ReadOnlySpan<bool> IsKnown => encoder.IsKnown;

    /// <inheritdoc/>
    public ReadOnlySpan<float> Features(int first, int count) => _features.AsSpan((first - _dropped) * Width, count * Width);

    /// <inheritdoc/>
    public ReadOnlySpan<float> Targets(int first, int count) => _targets.AsSpan((first - _dropped) * Outputs, count * Outputs);

    /// <summary>Takes in the next row.</summary>
    /// <param name="cells">What it has in each column.</param>
    public void Add(IReadOnlyList<ColumnCell> cells)
    {
        if (Count - _dropped == 2 * most)
        {
            _features.AsSpan(most * Width).CopyTo(_features);
            _targets.AsSpan(most * Outputs).CopyTo(_targets);
            _dropped += most;
        }

        var at = Count++ - _dropped;
        var features = _features.AsSpan(at * Width, Width);
        features.Clear();
        encoder.Encode([.. cells], _previous, features, _targets.AsSpan(at * Outputs, Outputs));
    }
}
