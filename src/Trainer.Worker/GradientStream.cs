using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>Hands out the gradients of a backward pass piece by piece, each as soon as the layers that lie in it are done.</summary>
/// <remarks>A piece shares the memory of its vector: nothing is copied, and the vector goes back to its pool with the last of its pieces.</remarks>
/// <param name="device">Where the backward pass runs.</param>
/// <param name="pool">Where gradient vectors are rented.</param>
/// <param name="length">Elements of a gradient vector.</param>
sealed class GradientStream(IDevice device, PayloadPool pool, int length)
{
    readonly List<(ShardRange Node, Payload<float> Vector, DeviceBuffer Buffer)> _vectors = [];
    IReadOnlyList<ParameterRange> _pieces = [];
    Action<GradientPiece> _take = static piece => piece.Gradient.Release();
    int[] _missing = [];

    /// <summary>Begins a backward pass.</summary>
    /// <param name="nodes">Whose gradients are computed.</param>
    /// <param name="pieces">What the vector is handed out in: ascending, together all of it.</param>
    /// <param name="take">Gets each piece of each node.</param>
    /// <returns>Where the gradients go. <see cref="End"/> must follow.</returns>
    public GradientTarget[] Begin(IReadOnlyList<ShardRange> nodes, IReadOnlyList<ParameterRange> pieces, Action<GradientPiece> take)
    {
        (_pieces, _take) = (pieces, take);
        if (_missing.Length != pieces.Count) _missing = new int[pieces.Count];
        for (var index = 0; index < pieces.Count; index++) _missing[index] = pieces[index].Length;
        var targets = new GradientTarget[nodes.Count];
        for (var index = 0; index < targets.Length; index++)
        {
            var vector = pool.Rent<float>(length);
            var buffer = device.Import(vector.Memory);
            _vectors.Add((nodes[index], vector, buffer));
            targets[index] = new GradientTarget(nodes[index], buffer.All);
        }

        return targets;
    }

    /// <summary>A run of the vector is final in all targets.</summary>
    public void Finish(ParameterRange range)
    {
        for (var index = FirstPieceOf(range.Offset); index < _pieces.Count && _pieces[index].Offset < range.Offset + range.Length; index++)
        {
            var piece = _pieces[index];
            var (first, end) = (Math.Max(piece.Offset, range.Offset), Math.Min(piece.Offset + piece.Length, range.Offset + range.Length));
            _missing[index] -= end - first;
            if (_missing[index] == 0) HandOut(piece);
        }
    }

    /// <summary>Ends the pass, also one that failed: what was not handed out is given back.</summary>
    public void End()
    {
        foreach (var (_, vector, buffer) in _vectors)
        {
            buffer.Dispose();
            vector.Release();
        }

        _vectors.Clear();
    }

    void HandOut(ParameterRange piece)
    {
        foreach (var (node, vector, buffer) in _vectors)
        {
            // A slice even where it is all of the vector: whoever gets it holds the only reference, and may sum into it while this one still stands.
            var part = vector.Slice(piece.Offset, piece.Length);
            device.Read(piece.Of(buffer.All), part.Span);
            _take(new GradientPiece(node, piece, part));
        }
    }

    int FirstPieceOf(int element)
    {
        var (low, high) = (0, _pieces.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_pieces[middle].Offset <= element) low = middle;
            else high = middle - 1;
        }

        return low;
    }
}
