namespace LstmCluster.Compute;

/// <summary>What the outputs of the loaded batch should be, on a device, and which positions count.</summary>
sealed class LossTargets(Loss loss, int outputs, IDevice device) : IDisposable
{
    // The mask of a position that counts; zero for one that does not.
    const int Counts = 1;

    readonly GrowingIndices _onDevice = new(device);
    readonly GrowingBuffer _values = new(device);
    BatchShape _shape;
    int[] _classesOrMask = [];
    float[] _stage = [];

    /// <summary>True when the batch has targets.</summary>
    public bool ArePresent { get; private set; }

    /// <summary>Makes room for so many positions.</summary>
    public void Reserve(int positions)
    {
        _onDevice.Reserve(positions);
        if (!loss.TakesClasses) _values.Reserve((long)positions * outputs);
        if (_classesOrMask.Length < positions) _classesOrMask = new int[positions];
    }

    /// <summary>Takes in the targets of a batch.</summary>
    /// <param name="shape">Extent of the loss positions.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="lengths">[N], steps of each row that count; empty when all do.</param>
    /// <exception cref="ArgumentOutOfRangeException">A class lies beyond those of the head, or a value outside of what the loss takes.</exception>
    /// <exception cref="ArgumentException">The targets do not fill the loss positions, or are not of the kind that the loss takes.</exception>
    public void Load(BatchShape shape, in Batch batch, ReadOnlySpan<int> lengths)
    {
        if (loss.TakesClasses ? !batch.Values.IsEmpty : !batch.Classes.IsEmpty)
            throw new ArgumentException($"the targets of a {loss.GetType().Name} are {(loss.TakesClasses ? "classes, not values" : "values, not classes")}", nameof(batch));
        Reserve(shape.Positions);
        _shape = shape;
        ArePresent = !batch.Classes.IsEmpty || !batch.Values.IsEmpty;
        if (!batch.Classes.IsEmpty) LoadClasses(batch.Classes, lengths);
        if (!batch.Values.IsEmpty) LoadValues(batch.Values, lengths);
    }

    /// <summary>Targets of some rows that count: classes, or single values.</summary>
    public int Count(RowRange rows)
    {
        if (rows.First < 0 || rows.Count < 0 || rows.First > _shape.Rows - rows.Count)
            throw new ArgumentOutOfRangeException(nameof(rows), rows, $"the rows must lie within the {_shape.Rows} rows of the batch");
        var count = 0;
        for (var step = 0; ArePresent && step < _shape.Steps; step++)
        {
            foreach (var mark in _classesOrMask.AsSpan((step * _shape.Rows) + rows.First, rows.Count))
                if (mark >= (loss.TakesClasses ? 0 : Counts))
                    count++;
        }

        return loss.TakesClasses ? count : checked(count * outputs);
    }

    /// <summary>Runs the loss.</summary>
    /// <param name="results">[positions,outputs]; with <paramref name="gradient"/> overwritten with their gradient.</param>
    /// <param name="losses">[positions].</param>
    /// <param name="gradient">True when a backward pass follows.</param>
    public void Run(DeviceSpan results, DeviceSpan losses, bool gradient)
    {
        var values = loss.TakesClasses ? default : _values.Span(_shape.Positions * outputs);
        loss.Run(device, new LossOperands(results, _shape.Positions, outputs, _onDevice.Value, values, _onDevice.Value, losses, gradient));
    }

    public void Dispose()
    {
        _onDevice.Dispose();
        _values.Dispose();
    }

    void LoadClasses(ReadOnlySpan<int> classes, ReadOnlySpan<int> lengths)
    {
        if (classes.Length != _shape.Positions)
            throw new ArgumentException($"{classes.Length} targets do not fill {_shape.Steps} steps and {_shape.Rows} rows", nameof(classes));
        var own = Padding.Replaced(classes, 1, _shape, lengths, -1, ref _classesOrMask);
        if (own.ContainsAnyInRange(outputs, int.MaxValue))
            throw new ArgumentOutOfRangeException(nameof(classes), $"a target must be below {outputs}, or negative to be ignored");
        device.Write(_onDevice.Value, own);
    }

    void LoadValues(ReadOnlySpan<float> values, ReadOnlySpan<int> lengths)
    {
        if (values.Length != (long)_shape.Positions * outputs)
            throw new ArgumentException($"{values.Length} values do not fill {_shape.Steps} steps, {_shape.Rows} rows and {outputs} outputs", nameof(values));
        var own = Padding.Replaced(values, outputs, _shape, lengths, float.NaN, ref _stage);
        var (least, most) = loss is BinaryCrossEntropy ? (0f, 1f) : (float.MinValue, float.MaxValue);
        for (var position = 0; position < _shape.Positions; position++)
        {
            var wanted = own.Slice(position * outputs, outputs);
            var isIgnored = !wanted.ContainsAnyExcept(float.NaN);
            _classesOrMask[position] = isIgnored ? 0 : Counts;
            foreach (var value in wanted)
            {
                if (!isIgnored && !(value >= least && value <= most))
                    throw new ArgumentOutOfRangeException(nameof(values), value, $"a value must be from {least} to {most}, or all values of a position NaN to ignore it");
            }
        }

        device.Write(_onDevice.Value, _classesOrMask.AsSpan(0, _shape.Positions));
        device.Write(_values.Span(own.Length), own);
    }
}
