namespace LstmCluster.Compute;

/// <summary>Where a sequence starts from: zero, a learned state, or one that was carried here.</summary>
abstract partial class RecurrentRun
{
    readonly GrowingBuffer _stateSum = new(device);
    bool[] _freshRows = [];

    // Rows side by side, as the device has them.
    float[] _together = [];

    /// <inheritdoc/>
    public sealed override void ResetState(BatchShape shape)
    {
        _forwardSteps = 0;
        var initial = StateAt(shape, layer.Reverse ? shape.Steps : 0);
        device.Fill(initial.Hidden, 0f);
        if (layer.CellSize > 0) device.Fill(initial.Cell, 0f);
        if (_freshRows.Length < shape.Rows) _freshRows = new bool[shape.Rows];
        Array.Fill(_freshRows, true);
    }

    /// <inheritdoc/>
    public sealed override void WriteStates(RowRange rows, BatchShape shape, ReadOnlySpan<float> states, int stride)
    {
        var (hidden, cell) = RowsOf(StateAt(shape, layer.Reverse ? shape.Steps : 0), rows);
        WriteRows(hidden, rows.Count, layer.OutputSize, states, stride);
        if (layer.CellSize > 0) WriteRows(cell, rows.Count, layer.CellSize, states[layer.OutputSize..], stride);
        for (var row = rows.First; row < rows.First + rows.Count && row < _freshRows.Length; row++) _freshRows[row] = false;
    }

    /// <inheritdoc/>
    public sealed override void ReadStates(RowRange rows, BatchShape shape, Span<float> states, int stride)
    {
        var (hidden, cell) = RowsOf(StateAt(shape, layer.Reverse ? 0 : shape.Steps), rows);
        ReadRows(hidden, rows.Count, layer.OutputSize, states, stride);
        if (layer.CellSize > 0) ReadRows(cell, rows.Count, layer.CellSize, states[layer.OutputSize..], stride);
    }

    void WriteRows(DeviceSpan target, int rows, int width, ReadOnlySpan<float> source, int stride)
    {
        var together = Together(rows * width);
        for (var row = 0; row < rows; row++) source.Slice(row * stride, width).CopyTo(together[(row * width)..]);
        device.Write(target, together);
    }

    void ReadRows(DeviceSpan source, int rows, int width, Span<float> target, int stride)
    {
        var together = Together(rows * width);
        device.Read(source, together);
        for (var row = 0; row < rows; row++) together.Slice(row * width, width).CopyTo(target[(row * stride)..]);
    }

    Span<float> Together(int length)
    {
        if (_together.Length < length) _together = new float[length];
        return _together.AsSpan(0, length);
    }

    /// <summary>The state at either end of time; in reverse direction the layer begins at the later one.</summary>
    RecurrentState StateAt(BatchShape shape, int slot) => new(
        _hidden.Steps(slot, 1, shape.Rows),
        Recomputes(shape) ? _borders.Steps(slot == 0 ? 0 : Chunks(shape), 1, shape.Rows) : _cells.Steps(slot, 1, shape.Rows));

    RecurrentState RowOf(in RecurrentState state, int row) => RowsOf(state, new RowRange(row, 1));

    RecurrentState RowsOf(in RecurrentState state, RowRange rows) => new(
        state.Hidden.Slice(rows.First * layer.OutputSize, rows.Count * layer.OutputSize), state.Cell.Slice(rows.First * layer.CellSize, rows.Count * layer.CellSize));

    /// <summary>Gives the learned state to the rows that were given none.</summary>
    void StartFreshRows(LayerWeights weights)
    {
        if (!layer.LearnedInitialState) return;
        var learned = ((RecurrentLayerWeights)weights).InitialState;
        for (var row = 0; row < Rows; row++)
        {
            if (!IsFresh(row)) continue;
            var (hidden, cell) = RowOf(Initial, row);
            device.Copy(learned.Slice(0, layer.OutputSize), hidden);
            if (layer.CellSize > 0) device.Copy(learned.Slice(layer.OutputSize, layer.CellSize), cell);
        }
    }

    /// <summary>Gradient of the learned state: the sum over the rows that started from it, in their order.</summary>
    void InitialStateGradient(RowRange rows, DeviceSpan gradient, bool accumulate)
    {
        var sum = accumulate ? _stateSum.Span(layer.StateSize) : gradient;
        device.Fill(sum, 0f);
        for (var row = rows.First; row < rows.First + rows.Count; row++)
        {
            if (!IsFresh(row)) continue;
            var (hidden, cell) = RowOf(InitialGradient, row);
            device.Add(sum.Slice(0, layer.OutputSize), hidden);
            if (layer.CellSize > 0) device.Add(sum.Slice(layer.OutputSize, layer.CellSize), cell);
        }

        if (accumulate) device.Add(gradient, sum);
    }

    bool IsFresh(int row) => row < _freshRows.Length && _freshRows[row];
}
