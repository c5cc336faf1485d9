namespace LstmCluster.Compute.Cpu;

/// <summary>Vectors of one batch row over time: <paramref name="stride"/> elements from one to the next.</summary>
readonly unsafe struct TimeVectors(float* first, nint stride)
{
    public readonly float* First = first;
    public readonly nint Stride = stride;

    /// <summary>The vector of one step.</summary>
    public float* this[nint step] => First + (step * Stride);

    /// <summary>From one step on.</summary>
    public TimeVectors From(nint step) => new(this[step], Stride);

    /// <summary>The same vectors side by side in other memory, for those who read them many times: strides of powers of two share few places of a cache.</summary>
    public TimeVectors Packed(int count, int width, float* target)
    {
        for (var step = 0; step < count; step++)
            new ReadOnlySpan<float>(this[step], width).CopyTo(new Span<float>(target + ((nint)step * width), width));
        return new(target, width);
    }
}

/// <summary>The operands of an attention, checked against its shape.</summary>
readonly unsafe struct AttentionMemory
{
    // From so many decoder steps on it pays to bring the keys and values of a row together.
    const int StepsWorthPacking = 4;

    readonly AttentionShape _shape;
    readonly float* _queries, _keys, _values, _weights;
    readonly int* _lengths;

    public AttentionMemory(in AttentionShape shape, in AttentionOperands operands)
    {
        shape.Check();
        var (targets, sources) = ((long)shape.Steps * shape.Rows, (long)shape.SourceSteps * shape.Rows);
        _shape = shape;
        _queries = operands.Queries.At(targets * shape.KeySize);
        _keys = operands.Keys.At(sources * shape.KeySize);
        _values = operands.Values.At(sources * shape.ValueSize);
        _weights = operands.Weights.At(targets * shape.SourceSteps);
        ScoreVector = shape.Score == AttentionScore.Additive ? operands.ScoreVector.At(shape.KeySize) : null;
        _lengths = operands.SourceLengths is null ? null : operands.SourceLengths.At(shape.Rows);
        if (_lengths != null && new ReadOnlySpan<int>(_lengths, shape.Rows).ContainsAnyExceptInRange(0, shape.SourceSteps))
            throw new ArgumentOutOfRangeException(nameof(operands), $"a source must have 0 to {shape.SourceSteps} steps");
    }

    /// <summary>v, [A]; null without the additive score.</summary>
    public float* ScoreVector { get; }

    /// <summary>Elements that <see cref="Sources"/> packs at most.</summary>
    public long PackedLength => _shape.Steps < StepsWorthPacking ? 0 : (long)_shape.SourceSteps * (_shape.KeySize + _shape.ValueSize);

    /// <summary>Source steps of a row.</summary>
    public int Length(int n) => _lengths == null ? _shape.SourceSteps : _lengths[n];

    /// <summary>[T] vectors of A.</summary>
    public TimeVectors Queries(int n) => Of(_queries, n, _shape.KeySize);

    /// <summary>[T] vectors of S.</summary>
    public TimeVectors Weights(int n) => Of(_weights, n, _shape.SourceSteps);

    /// <summary>Keys and values of a row's own source steps, packed where that pays.</summary>
    public (TimeVectors Keys, TimeVectors Values) Sources(int n, float* packed)
    {
        var (keys, values) = (Of(_keys, n, _shape.KeySize), Of(_values, n, _shape.ValueSize));
        if (_shape.Steps < StepsWorthPacking) return (keys, values);
        var length = Length(n);
        return (keys.Packed(length, _shape.KeySize, packed), values.Packed(length, _shape.ValueSize, packed + ((nint)_shape.SourceSteps * _shape.KeySize)));
    }

    /// <summary>The vectors of row n of a tensor [time,N,width].</summary>
    public TimeVectors Of(float* tensor, int n, int width) => new(tensor + ((nint)n * width), (nint)_shape.Rows * width);
}

/// <summary>The gradients of an attention, checked against its shape.</summary>
readonly unsafe struct AttentionGradientMemory
{
    public AttentionGradientMemory(in AttentionShape shape, in AttentionGradients gradients)
    {
        var (targets, sources) = ((long)shape.Steps * shape.Rows, (long)shape.SourceSteps * shape.Rows);
        Context = gradients.Context.At(targets * shape.ValueSize);
        Queries = gradients.Queries.At(targets * shape.KeySize);
        Keys = gradients.Keys.At(sources * shape.KeySize);
        Values = gradients.Values.At(sources * shape.ValueSize);
        ScoreVector = shape.Score == AttentionScore.Additive ? gradients.ScoreVector.At((long)shape.Rows * shape.KeySize) : null;
    }

    /// <summary>[T,N,M].</summary>
    public float* Context { get; }

    /// <summary>[T,N,A].</summary>
    public float* Queries { get; }

    /// <summary>[S,N,A].</summary>
    public float* Keys { get; }

    /// <summary>[S,N,M].</summary>
    public float* Values { get; }

    /// <summary>[N,A]; null without the additive score.</summary>
    public float* ScoreVector { get; }
}
