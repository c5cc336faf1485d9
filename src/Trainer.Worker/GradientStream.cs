using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>Hands out the gradients of a backward pass piece by piece, each as soon as the layers that lie in it are done.</summary>
/// <remarks>
/// A piece shares the memory of its vector: nothing is copied within the host, and the vector goes back to its pool with the last of its pieces. Where the device has memory of its
/// own a piece is on its way to the host while the layers before it go backward; it is handed out when it is there, in the order in which they were finished.
/// </remarks>
/// <param name="device">Where the backward pass runs.</param>
/// <param name="pool">Where gradient vectors are rented.</param>
/// <param name="length">Elements of a gradient vector.</param>
sealed class GradientStream(IDevice device, PayloadPool pool, int length) : IDisposable
{
    readonly List<(ShardRange Node, Payload<float> Vector, DeviceBuffer Buffer)> _vectors = [];
    readonly Queue<(GradientPiece Piece, DeviceRead Read)> _coming = [];

    // A device's own memory for gradients, kept from pass to pass.
    readonly List<DeviceBuffer> _kept = [];
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
            var buffer = BufferOf(vector, index);
            _vectors.Add((nodes[index], vector, buffer));
            targets[index] = new GradientTarget(nodes[index], buffer.All);
        }

        return targets;
    }

    /// <summary>A run of the vector is final in all targets, or will be when the device has done what it was told.</summary>
    public void Finish(ParameterRange range)
    {
        for (var index = FirstPieceOf(range.Offset); index < _pieces.Count && _pieces[index].Offset < range.Offset + range.Length; index++)
        {
            var piece = _pieces[index];
            var (first, end) = (Math.Max(piece.Offset, range.Offset), Math.Min(piece.Offset + piece.Length, range.Offset + range.Length));
            _missing[index] -= end - first;
            if (_missing[index] == 0) Fetch(piece);
        }

        while (_coming.TryPeek(out var next) && next.Read.IsDone) HandOut();
    }

    /// <summary>Waits for the pieces that are on their way, and hands them out.</summary>
    public void Complete()
    {
        while (_coming.Count > 0) HandOut();
    }

    /// <summary>Ends the pass, also one that failed: what was not handed out is given back.</summary>
    public void End()
    {
        while (_coming.TryDequeue(out var next))
        {
            next.Read.Abandon();
            next.Piece.Gradient.Release();
        }

        foreach (var (_, vector, buffer) in _vectors)
        {
            if (device.ComputesInHostMemory) buffer.Dispose();
            vector.Release();
        }

        _vectors.Clear();
    }

    /// <summary>Frees the device's memory.</summary>
    public void Dispose()
    {
        foreach (var buffer in _kept) buffer.Dispose();
    }

    DeviceBuffer BufferOf(Payload<float> vector, int index)
    {
        if (device.ComputesInHostMemory) return device.Import(vector.Memory);
        if (_kept.Count == index) _kept.Add(device.Allocate(length));
        return _kept[index];
    }

    void Fetch(ParameterRange piece)
    {
        foreach (var (node, vector, buffer) in _vectors)
        {
            // A slice even where it is all of the vector: whoever gets it holds the only reference, and may sum into it while this one still stands.
            var part = vector.Slice(piece.Offset, piece.Length);
            _coming.Enqueue((new GradientPiece(node, piece, part), device.BeginRead(piece.Of(buffer.All), part.Memory)));
        }
    }

    void HandOut()
    {
        var (piece, read) = _coming.Dequeue();
        try
        {
            read.Complete();
        }
        catch
        {
            piece.Gradient.Release();
            throw;
        }

        _take(piece);
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
