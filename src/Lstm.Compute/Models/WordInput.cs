namespace LstmCluster.Compute;

/// <summary>[T,N] tokens through an embedding, and side by side with it what their characters say: [T,N,E + F].</summary>
sealed class WordInput(Embedding embedding, TokenOptions options, CharacterEncoder encoder, IDevice device) : InputStage
{
    // The parts of the model, from its first one on.
    const int CharacterPart = 1, LayerPart = 2;

    readonly TokenInput _tokens = new(embedding, options.Dropout, device);
    readonly CharacterRun _characters = new(encoder, device);
    readonly GrowingBuffer _joined = new(device), _dTokens = new(device), _dCharacters = new(device);

    public override IReadOnlyList<InputGradient> Gradients =>
        [.. _tokens.Gradients, new(CharacterPart, _characters.Embedding, _characters.Rows), new(LayerPart, _characters.Layer, _characters.Rows)];

    int Width => embedding.Width + encoder.OutputSize;

    public override void Reserve(BatchShape shape, bool training)
    {
        _tokens.Reserve(shape, training);
        _characters.Reserve(shape);
        _joined.Reserve((long)shape.Positions * Width);
        if (!training) return;
        _dTokens.Reserve((long)shape.Positions * embedding.Width);
        _dCharacters.Reserve((long)shape.Positions * encoder.OutputSize);
    }

    public override void Load(in Batch batch, BatchRows rows)
    {
        _tokens.LoadTokens(batch, rows);
        _characters.Load(batch, rows);
    }

    public override DeviceSpan Forward(ModelWeights weights, in Pass pass)
    {
        var joined = _joined.Span(pass.Shape.Positions * Width);
        Join(_tokens.Forward(weights, pass), embedding.Width, joined, 0, pass);
        Join(_characters.Forward(weights[CharacterPart], weights[LayerPart], pass), encoder.OutputSize, joined, embedding.Width, pass);
        return joined;
    }

    public override void Backward(ModelWeights weights, in Pass pass, DeviceSpan dx)
    {
        _tokens.Backward(weights, pass, Part(dx, 0, embedding.Width, _dTokens, pass));
        _characters.Backward(weights[CharacterPart], weights[LayerPart], Part(dx, embedding.Width, encoder.OutputSize, _dCharacters, pass));
    }

    public override LayerRun? RunOf(Layer wanted) => _characters.Layer.RunOf(wanted);

    public override void Dispose()
    {
        _tokens.Dispose();
        _characters.Dispose();
        _joined.Dispose();
        _dTokens.Dispose();
        _dCharacters.Dispose();
    }

    void Join(DeviceSpan from, int width, DeviceSpan joined, int column, in Pass pass) =>
        device.CopyColumns(pass.Shape.Positions, width, from, width, 0, joined, Width, column, add: false);

    DeviceSpan Part(DeviceSpan dx, int column, int width, GrowingBuffer target, in Pass pass)
    {
        var part = target.Span(pass.Shape.Positions * width);
        device.CopyColumns(pass.Shape.Positions, width, dx, Width, column, part, width, 0, add: false);
        return part;
    }
}
