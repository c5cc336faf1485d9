namespace LstmCluster.Compute;

/// <summary>Reads the characters of a batch's words on a device: each different word of a shard once, all of them as the rows of one ragged batch.</summary>
sealed class CharacterRun : IDisposable
{
    readonly CharacterEncoder _encoder;
    readonly IDevice _device;
    readonly DistinctWords _words = new();
    readonly EmbeddingRun _embedding;
    readonly LayerRun _layer;
    readonly PoolingRun _pooling;
    readonly GrowingIndices _characters, _rowOf;
    readonly GrowingBuffer _output, _dWords;
    BatchShape _shape;
    Pass _pass;

    public CharacterRun(CharacterEncoder encoder, IDevice device)
    {
        (_encoder, _device) = (encoder, device);
        Rows = new BatchRows(device);
        _embedding = new EmbeddingRun(encoder.Embedding, device);
        _layer = encoder.Layer.CreateRun(device);
        _pooling = new PoolingRun(Pooling.Last, encoder.OutputSize, encoder.Layer.BackwardFeatures, device);
        (_characters, _rowOf) = (new GrowingIndices(device), new GrowingIndices(device));
        (_output, _dWords) = (new GrowingBuffer(device), new GrowingBuffer(device));
    }

    /// <summary>The words as rows, those of each shard.</summary>
    public BatchRows Rows { get; }

    /// <summary>The gradient of the characters' vectors, by words.</summary>
    public IShardGradient Embedding => _embedding;

    /// <summary>The gradient of the layer, by words.</summary>
    public LayerRun Layer => _layer;

    /// <summary>Makes room for what does not depend on the words.</summary>
    public void Reserve(BatchShape shape)
    {
        _rowOf.Reserve(shape.Positions);
        _output.Reserve((long)shape.Positions * _encoder.OutputSize);
    }

    /// <summary>Takes in the characters of a batch whose rows were taken in. Call after <see cref="Reserve"/>.</summary>
    /// <exception cref="ArgumentException">The characters do not fill the batch, or a token has none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A character lies outside of the vocabulary.</exception>
    public void Load(in Batch batch, BatchRows rows)
    {
        var characters = batch.Characters;
        _shape = rows.Shape;
        if (characters.IsEmpty || characters.Length % _shape.Positions != 0)
        {
            throw new ArgumentException(
                $"{characters.Length} characters do not fill a batch of {_shape.Steps} steps and {_shape.Rows} rows: the model reads the characters of each token, as many of each", nameof(batch));
        }

        _words.Find(characters, rows);
        if (_words.Characters.ContainsAnyExceptInRange(0, _encoder.Vocabulary - 1))
            throw new ArgumentOutOfRangeException(nameof(batch), $"a character must be in 0..{_encoder.Vocabulary - 1}, or negative behind a word's end");
        Rows.Load(_words.Shape, _words.Shards, _words.Lengths);
        ReserveWords(training: false);
        _device.Write(_characters.Value, _words.Characters);
        _device.Write(_rowOf.Value, _words.RowOf(_shape.Positions));
        _layer.ResetState(_words.Shape);
    }

    /// <summary>Forward over the words, and their features at every position.</summary>
    /// <param name="embedding">Of the characters.</param>
    /// <param name="layer">Of the layer.</param>
    /// <param name="pass">The batch.</param>
    /// <returns>[T,N,F]; what stands beyond a row's end has no meaning.</returns>
    public DeviceSpan Forward(LayerWeights embedding, LayerWeights layer, in Pass pass)
    {
        if (pass.Training) ReserveWords(training: true);
        _pass = Rows.Pass(pass.Training, pass.MaskKey);
        _embedding.Tokens = _characters.Value;
        var x = _layer.Forward(layer, _pass, _embedding.Forward(embedding, _pass, x: default));
        var words = _pooling.Forward(Rows, x);
        var output = _output.Span(_shape.Positions * _encoder.OutputSize);
        _device.EmbeddingForward(words, _encoder.OutputSize, _rowOf.Value, 0, _shape.Positions, output);
        return output;
    }

    /// <summary>Backward: the gradient of a word is the sum over the positions where it stands, over t, then n.</summary>
    /// <param name="embedding">Of the characters.</param>
    /// <param name="layer">Of the layer.</param>
    /// <param name="dy">[T,N,F].</param>
    public void Backward(LayerWeights embedding, LayerWeights layer, DeviceSpan dy)
    {
        var dWords = _dWords.Span(Rows.Shape.Rows * _encoder.OutputSize);
        _device.EmbeddingGradient(_shape, new RowRange(0, _shape.Rows), _encoder.OutputSize, _rowOf.Value, dy, dWords);
        var dx = _layer.Backward(layer, _pass, _pooling.Backward(Rows, dWords));
        _embedding.Backward(embedding, _pass, dx);
    }

    public void Dispose()
    {
        Rows.Dispose();
        _embedding.Dispose();
        _layer.Dispose();
        _pooling.Dispose();
        _characters.Dispose();
        _rowOf.Dispose();
        _output.Dispose();
        _dWords.Dispose();
    }

    /// <summary>Makes room for the words of the batch; what is there already stays.</summary>
    void ReserveWords(bool training)
    {
        _characters.Reserve(_words.Shape.Positions);
        _embedding.Reserve(_words.Shape, training);
        _layer.Reserve(_words.Shape, training);
        _pooling.Reserve(_words.Shape, training);
        if (training) _dWords.Reserve((long)_words.Shape.Rows * _encoder.OutputSize);
    }
}
