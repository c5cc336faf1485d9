namespace LstmCluster.Compute;

/// <summary>Scores prefixes with the decoder of a model, one step at a time: a row for each beam of each sentence.</summary>
/// <remarks>The encoder ran once for each sentence; beams of a sentence share its outputs.</remarks>
sealed class TranslationScorer(EncoderDecoder model, IDevice device) : IBeamScorer, IDisposable
{
    readonly DecoderRun _decoder = new(model, device);
    readonly AffineRun _head = new(model.Head.InputSize, model.Head.OutputSize, device);
    readonly GrowingIndices _parents = new(device), _targets = new(device);
    readonly GrowingBuffer _losses = new(device);
    readonly List<float[]> _attention = [];
    ModelWeights? _weights;
    BridgeRun? _bridge;
    BatchShape _source;
    Pass _pass;
    bool _keepsAttention;

    public int Sentences => _source.Rows;

    public int Classes => model.Classes;

    /// <summary>The attention weights of each step, [beams*N,S].</summary>
    public IReadOnlyList<float[]> Attention => _attention;

    /// <summary>Begins a search.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="source">What the encoder's batch has in common.</param>
    /// <param name="memory">Encoder outputs, [S,N,M].</param>
    /// <param name="bridge">What the decoder starts from.</param>
    /// <param name="beams">Rows for each sentence.</param>
    /// <param name="keepsAttention">True to keep the attention weights of every step.</param>
    public void Begin(ModelWeights weights, in Pass source, DeviceSpan memory, BridgeRun bridge, int beams, bool keepsAttention)
    {
        (_weights, _bridge, _source) = (weights, bridge, source.Shape);
        _keepsAttention = keepsAttention && _decoder.Attention is not null;
        _attention.Clear();
        var shape = new BatchShape(1, checked(beams * _source.Rows));
        _pass = source with { Shape = shape, Lengths = null };
        _decoder.Reserve(_source, shape, training: false);
        _head.Reserve(shape.Rows, training: false);
        _parents.Reserve(shape.Rows);
        _targets.Reserve(shape.Rows);
        _losses.Reserve(shape.Rows);
        _decoder.Attention?.BeginSource(weights[model.AttentionIndex], _source, memory, source.Lengths);
    }

    public void Step(int step, ReadOnlySpan<int> parents, ReadOnlySpan<int> tokens, Span<float> scores, Span<float> normalizers)
    {
        _decoder.Begin(_pass);
        if (step == 0) Start();
        else Continue(parents);
        device.Write(_decoder.Input.Tokens, tokens);
        _decoder.ForwardSteps(_weights!, new TimeWindow(0, 1));
        _head.Begin(_pass.Shape, _decoder.Output);
        device.Read(_head.ForwardSteps(model.HeadWeights(_weights!), 0, 1), scores);
        Normalize(scores, normalizers);
        if (!_keepsAttention) return;
        var looks = new float[_pass.Shape.Rows * _source.Steps];
        device.Read(_decoder.Attention!.Weights, looks);
        _attention.Add(looks);
    }

    public void Dispose()
    {
        _decoder.Dispose();
        _head.Dispose();
        _parents.Dispose();
        _targets.Dispose();
        _losses.Dispose();
    }

    /// <summary>Every beam of a sentence starts from what the bridge gives for the sentence.</summary>
    void Start()
    {
        var sentences = new int[_pass.Shape.Rows];
        for (var row = 0; row < sentences.Length; row++) sentences[row] = row % _source.Rows;
        device.Write(_parents.Value, sentences);
        for (var index = 0; index < _decoder.Recurrent.Length; index++) Gather(_bridge!.Start(index), _source.Rows, _decoder.Recurrent[index].Initial);
        if (_decoder.Attention is { } attention) device.Fill(attention.Initial, 0f);
    }

    /// <summary>Every row goes on from where its parent ended.</summary>
    void Continue(ReadOnlySpan<int> parents)
    {
        device.Write(_parents.Value, parents);
        foreach (var layer in _decoder.Recurrent) Gather(layer.Final, _pass.Shape.Rows, layer.Initial);
        if (_decoder.Attention is { } attention) Gather(attention.Final, _pass.Shape.Rows, attention.Initial);
    }

    void Gather(RecurrentState from, int rows, RecurrentState to)
    {
        Gather(from.Hidden, rows, to.Hidden);
        if (!to.Cell.IsEmpty) Gather(from.Cell, rows, to.Cell);
    }

    // To take rows of a matrix by their index is to look up tokens in a table.
    void Gather(DeviceSpan from, int rows, DeviceSpan to) => device.EmbeddingForward(from, from.Length / rows, _parents.Value, 0, _pass.Shape.Rows, to);

    /// <summary>The loss of a class is the normaliser less the class's score, and the device has computed it with all its lanes.</summary>
    void Normalize(ReadOnlySpan<float> scores, Span<float> normalizers)
    {
        var losses = _losses.Span(_pass.Shape.Rows);
        device.SoftmaxCrossEntropy(_head.Output, Classes, _targets.Value, _pass.Shape.Rows, losses, gradient: false);
        device.Read(losses, normalizers);
        for (var row = 0; row < normalizers.Length; row++) normalizers[row] += scores[row * Classes];
    }
}
