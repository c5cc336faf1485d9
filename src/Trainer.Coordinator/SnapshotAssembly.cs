using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Puts the parts of a snapshot together, which come from several parameter servers; a single one is used where it is.</summary>
sealed class SnapshotAssembly
{
    // Kept for the next checkpoint, which is as large.
    float[][] _vectors = [];

    /// <summary>The weights, valid until the parts are released.</summary>
    public ReadOnlyMemory<float> Weights { get; private set; }

    /// <summary>The optimizer's vectors, as long valid.</summary>
    public IReadOnlyList<ReadOnlyMemory<float>> OptimizerState { get; private set; } = [];

    /// <summary>Puts parts together.</summary>
    /// <param name="parts">By slice, ascending, without gaps.</param>
    /// <exception cref="InvalidOperationException">They are of different steps, or do not make up a vector.</exception>
    public void Put(IReadOnlyList<SnapshotTaken> parts)
    {
        var length = 0;
        foreach (var part in parts)
        {
            if (part.Step != parts[0].Step || part.Slice.Offset != length) throw new InvalidOperationException($"a snapshot of {part.Step}, {part.Slice} cannot follow one of {parts[0].Step} up to {length}");
            length += part.Slice.Length;
        }

        if (parts is [var whole])
        {
            (Weights, OptimizerState) = (whole.Weights.Memory, [.. whole.OptimizerState.Select(vector => (ReadOnlyMemory<float>)vector.Memory)]);
            return;
        }

        var count = 1 + parts[0].OptimizerState.Count;
        if (_vectors.Length != count || _vectors[0].Length != length) _vectors = [.. Enumerable.Range(0, count).Select(_ => new float[length])];
        foreach (var part in parts)
        {
            part.Weights.Span.CopyTo(_vectors[0].AsSpan(part.Slice.Offset));
            for (var index = 1; index < count; index++) part.OptimizerState[index - 1].Span.CopyTo(_vectors[index].AsSpan(part.Slice.Offset));
        }

        (Weights, OptimizerState) = (_vectors[0], [.. _vectors.Skip(1).Select(vector => (ReadOnlyMemory<float>)vector)]);
    }
}
