namespace LstmCluster.Compute.Tests;

/// <summary>What kind of layer stands somewhere in a model. Sizes are free until the layer is made, where they must fit what stands before it.</summary>
abstract record LayerChoice
{
    /// <summary>True to lead the input around the layer.</summary>
    public bool IsResidual { get; init; }

    /// <summary>Makes the layer.</summary>
    /// <param name="inputs">Features that it takes.</param>
    /// <param name="making">Streams and switches of the whole model.</param>
    public Layer Create(int inputs, Making making) => IsResidual ? new Residual(WithOutput(inputs).Plain(inputs, making)) : Plain(inputs, making);

    /// <summary>The same kind of layer with so many outputs, where they can be chosen.</summary>
    public abstract LayerChoice WithOutput(int size);

    /// <summary>Layers that are this one with less to it: what a failure is narrowed down with.</summary>
    public virtual IEnumerable<LayerChoice> Simpler() => IsResidual ? [this with { IsResidual = false }] : [];

    protected abstract Layer Plain(int inputs, Making making);
}

/// <summary>What the layers of one model have in common while they are made.</summary>
/// <param name="Recomputes">False to keep all activations also where a layer would recompute them.</param>
sealed record Making(bool Recomputes)
{
    uint _next = 1;

    /// <summary>Mask streams that nobody else in the model has.</summary>
    public uint Streams(uint count)
    {
        _next += count;
        return _next - count;
    }
}

/// <summary>A recurrent layer in one direction.</summary>
sealed record OneWay(CellChoice Cell, bool Reverse) : LayerChoice
{
    public override IEnumerable<LayerChoice> Simpler() => base.Simpler().Concat(Cell.Simpler().Select(cell => this with { Cell = cell }));

    public override OneWay WithOutput(int size) => this with { Cell = Cell.WithOutput(size) };

    protected override Layer Plain(int inputs, Making making) => Cell.Create(inputs, Reverse, making);
}

/// <summary>Two recurrent layers, one in each direction.</summary>
sealed record BothWays(CellChoice Forward, CellChoice Backward, Merge Merge) : LayerChoice
{
    public override IEnumerable<LayerChoice> Simpler() => base.Simpler()
        .Concat([new OneWay(Forward, Reverse: false), new OneWay(Backward, Reverse: true)])
        .Concat(Forward.Simpler().Select(cell => this with { Forward = cell }))
        .Concat(Backward.Simpler().Select(cell => this with { Backward = cell }));

    public override BothWays WithOutput(int size) => Merge == Merge.Concatenate && size > 1
        ? this with { Forward = Forward.WithOutput(size / 2), Backward = Backward.WithOutput(size - (size / 2)) }
        : this with { Forward = Forward.WithOutput(size), Merge = Merge == Merge.Concatenate ? Merge.Sum : Merge };

    protected override Layer Plain(int inputs, Making making)
    {
        // Only vectors of one size can be added.
        var backward = Merge == Merge.Concatenate ? Backward : Backward.WithOutput(Forward.OutputSize);
        return new Bidirectional(Forward.Create(inputs, reverse: false, making), backward.Create(inputs, reverse: true, making), Merge);
    }
}

/// <summary>Layer normalisation between layers.</summary>
sealed record Normalised : LayerChoice
{
    public override LayerChoice WithOutput(int size) => this;

    protected override Layer Plain(int inputs, Making making) => new LayerNormalization(inputs);
}

/// <summary>Dropout between layers.</summary>
sealed record Dropped(float Rate) : LayerChoice
{
    public override LayerChoice WithOutput(int size) => this;

    protected override Layer Plain(int inputs, Making making) => new Dropout(inputs, Rate, making.Streams(1));
}

/// <summary>An affine map between layers.</summary>
sealed record Mapped(int Outputs) : LayerChoice
{
    public override LayerChoice WithOutput(int size) => this with { Outputs = size };

    protected override Layer Plain(int inputs, Making making) => new Linear(inputs, Outputs);
}
