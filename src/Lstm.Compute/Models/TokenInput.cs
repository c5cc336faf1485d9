namespace LstmCluster.Compute;

/// <summary>[T,N] tokens through an embedding, the first part of the model.</summary>
sealed class TokenInput(Embedding embedding, TokenDropout? dropout, IDevice device) : InputStage
{
    readonly EmbeddingRun _run = new(embedding, device);
    readonly GrowingIndices _tokens = new(device), _read = new(device);
    int[] _stage = [], _known = [], _dropped = [];

    public override IReadOnlyList<InputGradient> Gradients => [new(Part: 0, _run)];

    public override void Reserve(BatchShape shape, bool training)
    {
        _tokens.Reserve(shape.Positions);
        if (dropout is not null && training) _read.Reserve(shape.Positions);
        _run.Reserve(shape, training);
    }

    public override void Load(in Batch batch, BatchRows rows)
    {
        if (!batch.Characters.IsEmpty) throw new ArgumentException("the model takes tokens without their characters", nameof(batch));
        LoadTokens(batch, rows);
    }

    /// <summary>Takes in the tokens of a batch, whatever else it has.</summary>
    public void LoadTokens(in Batch batch, BatchRows rows)
    {
        var tokens = batch.Tokens;
        if (!batch.Features.IsEmpty) throw new ArgumentException("the model takes tokens, not features", nameof(batch));
        if (tokens.Length != rows.Shape.Positions)
            throw new ArgumentException($"{tokens.Length} tokens do not fill a batch of {rows.Shape.Steps} steps and {rows.Shape.Rows} rows", nameof(batch));
        if (!rows.Lengths.IsEmpty) tokens = Padding.Replaced(tokens, 1, rows.Shape, rows.Lengths, 0, ref _stage);
        if (tokens.ContainsAnyExceptInRange(0, embedding.Vocabulary - 1))
            throw new ArgumentOutOfRangeException(nameof(batch), $"a token must be in 0..{embedding.Vocabulary - 1}");
        device.Write(_tokens.Value, tokens);
        if (dropout is null) return;
        if (_known.Length < tokens.Length) (_known, _dropped) = (new int[tokens.Length], new int[tokens.Length]);
        tokens.CopyTo(_known);
    }

    public override DeviceSpan Forward(ModelWeights weights, in Pass pass)
    {
        _run.Tokens = dropout is not null && pass.Training ? Dropped(dropout, pass) : _tokens.Value;
        return _run.Forward(weights[0], pass, x: default);
    }

    public override void Backward(ModelWeights weights, in Pass pass, DeviceSpan dx) => _run.Backward(weights[0], pass, dx);

    public override void Dispose()
    {
        _run.Dispose();
        _tokens.Dispose();
        _read.Dispose();
    }

    /// <summary>The tokens as they are read in this step of training; the batch's own stay, since it may be run again.</summary>
    DeviceIndices Dropped(TokenDropout rule, in Pass pass)
    {
        var read = _dropped.AsSpan(0, pass.Shape.Positions);
        rule.Apply(_known.AsSpan(0, read.Length), pass, read);
        device.Write(_read.Value, read);
        return _read.Value;
    }
}
