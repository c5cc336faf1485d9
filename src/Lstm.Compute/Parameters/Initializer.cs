namespace LstmCluster.Compute;

/// <summary>What a tensor holds before training.</summary>
public abstract record Initializer
{
    /// <summary>Fills the elements.</summary>
    public abstract void Fill(Span<float> target, RandomSequence random);
}

/// <summary>Uniform in <c>[-Limit, Limit)</c>.</summary>
/// <param name="Limit">Largest magnitude.</param>
public sealed record UniformInitializer(double Limit) : Initializer
{
    /// <summary>
    /// Glorot's (Glorot and Bengio 2010) for matrices of <paramref name="rows"/> outputs and <paramref name="columns"/> inputs: <c>Limit = sqrt(6/(rows + columns))</c>,
    /// so that neither signals nor gradients grow or fade on their way through.
    /// </summary>
    public static UniformInitializer Glorot(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        return new(Math.Sqrt(6.0 / ((double)rows + columns)));
    }

    /// <inheritdoc/>
    public override void Fill(Span<float> target, RandomSequence random)
    {
        for (var index = 0; index < target.Length; index++)
            target[index] = (float)(((2 * random.Uniform(index)) - 1) * Limit);
    }
}

/// <summary>Normal with mean zero (Box and Muller 1958).</summary>
/// <param name="Deviation">Standard deviation.</param>
public sealed record NormalInitializer(double Deviation) : Initializer
{
    /// <inheritdoc/>
    public override void Fill(Span<float> target, RandomSequence random)
    {
        for (var index = 0; index < target.Length; index++) target[index] = (float)random.Normal(index, Deviation);
    }
}

/// <summary>The same value everywhere.</summary>
/// <param name="Value">The value.</param>
public sealed record ConstantInitializer(float Value) : Initializer
{
    /// <inheritdoc/>
    public override void Fill(Span<float> target, RandomSequence random) => target.Fill(Value);
}

/// <summary>A bias one gate of which starts from a constant, such as an LSTM's forget gate, so that cells remember before they learn to (Jozefowicz et al. 2015).</summary>
/// <param name="Others">What the other gates' parts hold.</param>
/// <param name="Units">Elements of one gate's part.</param>
/// <param name="Gate">Index of the gate's part.</param>
/// <param name="Value">What it holds.</param>
public sealed record GateBiasInitializer(Initializer Others, int Units, int Gate, float Value) : Initializer
{
    /// <inheritdoc/>
    public override void Fill(Span<float> target, RandomSequence random)
    {
        Others.Fill(target, random);
        target.Slice(Gate * Units, Units).Fill(Value);
    }
}

/// <summary>Gain, then shift of a normalisation: ones, then zeros.</summary>
public sealed record GainAndShiftInitializer : Initializer
{
    /// <inheritdoc/>
    public override void Fill(Span<float> target, RandomSequence random)
    {
        target[..(target.Length / 2)].Fill(1f);
        target[(target.Length / 2)..].Clear();
    }
}
