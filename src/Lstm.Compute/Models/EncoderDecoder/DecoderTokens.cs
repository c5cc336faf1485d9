namespace LstmCluster.Compute;

/// <summary>The tokens that a decoder sees, on the host: the start token, then the target classes one step later.</summary>
/// <remarks>They are written to the device anew for each forward pass, because scheduled sampling replaces some of them there.</remarks>
sealed class DecoderTokens(EncoderDecoder model, IDevice device)
{
    int[] _tokens = [];
    int _count;

    /// <summary>True when they come from targets; false when the decoder is to feed back what it finds.</summary>
    public bool AreTargets { get; private set; }

    /// <summary>Makes room for so many positions.</summary>
    public void Reserve(int positions)
    {
        if (_tokens.Length < positions) Array.Resize(ref _tokens, positions);
    }

    /// <summary>Takes in the classes of a batch.</summary>
    /// <param name="shape">U and N.</param>
    /// <param name="classes">[U,N], each below the number of classes, negative ones ignored; empty for none.</param>
    public void Load(BatchShape shape, ReadOnlySpan<int> classes)
    {
        AreTargets = !classes.IsEmpty;
        _count = shape.Positions;
        _tokens.AsSpan(0, _count).Fill(model.Options.StartToken);
        for (var position = shape.Rows; AreTargets && position < _count; position++)
            if (classes[position - shape.Rows] is >= 0 and var token)
                _tokens[position] = token;
    }

    /// <summary>Writes them to the device.</summary>
    public void Write(DeviceIndices target) => device.Write(target, _tokens.AsSpan(0, _count));
}
