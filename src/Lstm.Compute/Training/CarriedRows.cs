namespace LstmCluster.Compute;

/// <summary>The states that the rows of a batch end with, kept on the host until the next batch goes on with them.</summary>
/// <param name="stateSize">Floats of a row.</param>
sealed class CarriedRows(int stateSize)
{
    float[] _states = [];
    int _rows;

    /// <summary>Lets the rows of the next batch start afresh.</summary>
    public void Clear() => _rows = 0;

    /// <summary>Takes over the states that the rows of the last forward pass ended with.</summary>
    public void Read(ModelRun run, int rows)
    {
        if (_states.Length < rows * stateSize) _states = new float[rows * stateSize];
        for (var row = 0; row < rows; row++) run.ReadState(row, _states.AsSpan(row * stateSize, stateSize));
        _rows = rows;
    }

    /// <summary>Lets the rows of a loaded batch go on; without effect when they start afresh.</summary>
    /// <exception cref="ArgumentException">The last batch had another number of rows.</exception>
    public void Write(ModelRun run, int rows)
    {
        if (_rows == 0) return;
        if (_rows != rows) throw new ArgumentException($"a batch of {rows} rows cannot go on from one of {_rows}: reset the state first", nameof(rows));
        for (var row = 0; row < rows; row++) run.WriteState(row, _states.AsSpan(row * stateSize, stateSize));
    }
}
