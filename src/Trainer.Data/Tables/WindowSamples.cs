using System.Collections;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Windows of a table as samples, each made when it is asked for: rows that are read, then rows that are told.</summary>
/// <remarks>
/// A time step has the features of its row, and one more that is 1 in the rows that are told. There, features of what is not known for the future are zero.
/// </remarks>
/// <param name="table">The table.</param>
/// <param name="task">Rows of a window, and what its targets are counted from.</param>
/// <param name="firstRows">First row of each window.</param>
sealed class WindowSamples(IEncodedRows table, WindowTask task, IReadOnlyList<int> firstRows) : IMadeSamples
{
    readonly int[] _targetFeatures = TargetFeatures(table.Encoding);
    readonly float[] _missing = [.. table.Encoding.Targets.Select(column => column.Missing)];

    /// <inheritdoc/>
    public int Count => firstRows.Count;

    /// <inheritdoc/>
    public Sample this[int index] => Of(firstRows[index]);

    /// <inheritdoc/>
    public IEnumerator<Sample> GetEnumerator() => firstRows.Select(Of).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    int IMadeSamples.StepsOf(int index) => task.Rows;

    int IMadeSamples.FirstRowOf(int index) => firstRows[index];

    Sample Of(int first)
    {
        var (width, outputs, steps) = (table.Width + 1, table.Outputs, task.Rows);
        var (features, values) = (new float[steps * width], new float[steps * outputs]);
        var rows = table.Features(first, steps);
        var targets = table.Targets(first, steps);
        var bases = Bases(targets);
        for (var step = 0; step < steps; step++)
        {
            var target = features.AsSpan(step * width, width);
            rows.Slice(step * table.Width, table.Width).CopyTo(target);
            if (step < task.Context) Shift(target, bases.AsSpan(step * outputs, outputs));
            else Hide(target);
        }

        values.AsSpan().Fill(float.NaN);
        for (var step = task.Context; step < steps; step++) Tell(targets.Slice(step * outputs, outputs), bases.AsSpan(step * outputs, outputs), values.AsSpan(step * outputs, outputs));
        return new Sample { Steps = steps, Features = features, Values = values, Bases = bases, FirstRow = first };
    }

    /// <summary>[Steps,outputs], what is taken away from the target columns of each row.</summary>
    /// <param name="targets">[Steps,outputs], those of the window.</param>
    float[] Bases(ReadOnlySpan<float> targets)
    {
        var (outputs, phases) = (table.Outputs, task.RelativeTo == WindowBase.Season ? task.Season : 1);
        var bases = new float[task.Rows * outputs];
        if (task.RelativeTo == WindowBase.None) return bases;
        for (var at = 0; at < phases * outputs; at++) bases[at] = Base(targets, at, phases * outputs);
        for (var at = phases * outputs; at < bases.Length; at++) bases[at] = bases[at - (phases * outputs)];
        return bases;
    }

    /// <summary>The last number, or the mean, of every so-manieth row of the context from one on; the mean of what is trained on where all are missing.</summary>
    /// <param name="targets">[Steps,outputs], those of the window.</param>
    /// <param name="first">Place of the first number.</param>
    /// <param name="distance">Places from one number to the next.</param>
    float Base(ReadOnlySpan<float> targets, int first, int distance)
    {
        var (sum, count) = (0.0, 0);
        for (var at = first; at < task.Context * table.Outputs; at += distance)
        {
            var value = targets[at];
            if (float.IsNaN(value)) continue;
            (sum, count) = task.RelativeTo == WindowBase.Last ? (value, 1) : (sum + value, count + 1);
        }

        return count == 0 ? _missing[first % table.Outputs] : (float)(sum / count);
    }

    void Shift(Span<float> features, ReadOnlySpan<float> bases)
    {
        for (var output = 0; output < bases.Length; output++) features[_targetFeatures[output]] -= bases[output];
    }

    void Hide(Span<float> features)
    {
        for (var feature = 0; feature < table.Width; feature++)
            if (!table.IsKnown[feature])
                features[feature] = 0;
        features[table.Width] = 1;
    }

    /// <summary>A row of which one target is missing is not told at all.</summary>
    static void Tell(ReadOnlySpan<float> targets, ReadOnlySpan<float> bases, Span<float> values)
    {
        if (targets.Contains(float.NaN)) return;
        for (var output = 0; output < values.Length; output++) values[output] = targets[output] - bases[output];
    }

    /// <summary>The feature of each target column's number.</summary>
    static int[] TargetFeatures(TableEncoding encoding)
    {
        var (features, at) = (new List<int>(), 0);
        foreach (var column in encoding.Columns)
        {
            if (column.IsTarget) features.Add(at);
            at += column.Width;
        }

        return [.. features];
    }
}
