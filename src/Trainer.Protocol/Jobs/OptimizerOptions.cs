namespace LstmCluster.Protocol;

/// <summary>What turns a gradient into a change of the weights; each optimizer is a record of its own.</summary>
public abstract record OptimizerOptions
{
    /// <summary>Learning rate before the schedule.</summary>
    public abstract double Rate { get; init; }
}

/// <summary>Stochastic gradient descent (<c>sgd:</c>).</summary>
public sealed record SgdOptions : OptimizerOptions
{
    /// <inheritdoc/>
    public override double Rate { get; init; } = 0.1;

    /// <summary>Momentum, from 0 up to, but not including, 1.</summary>
    public double Momentum { get; init; }

    /// <summary>L2 penalty that is added to the gradient.</summary>
    public double WeightDecay { get; init; }
}

/// <summary>Adam (<c>adam:</c>), Kingma and Ba 2015.</summary>
public sealed record AdamOptions : OptimizerOptions
{
    /// <inheritdoc/>
    public override double Rate { get; init; } = 0.001;

    /// <summary>Decay of the gradient's running mean.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the squared gradient's running mean.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the denominator.</summary>
    public double Epsilon { get; init; } = 1e-8;
}

/// <summary>Adam with decoupled weight decay (<c>adamw:</c>), Loshchilov and Hutter 2019.</summary>
public sealed record AdamWOptions : OptimizerOptions
{
    /// <inheritdoc/>
    public override double Rate { get; init; } = 0.001;

    /// <summary>Decay of the gradient's running mean.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the squared gradient's running mean.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the denominator.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Part of a weight, times the rate, that each step takes off.</summary>
    public double WeightDecay { get; init; } = 0.01;
}

/// <summary>RMSProp (<c>rmsprop:</c>), Tieleman and Hinton 2012, with PyTorch's options.</summary>
public sealed record RmsPropOptions : OptimizerOptions
{
    /// <inheritdoc/>
    public override double Rate { get; init; } = 0.01;

    /// <summary>Decay of the running means.</summary>
    public double Alpha { get; init; } = 0.99;

    /// <summary>Added to the denominator.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Momentum, from 0 up to, but not including, 1.</summary>
    public double Momentum { get; init; }

    /// <summary>True to divide by the root of the gradient's running variance instead of its running mean square.</summary>
    public bool Centered { get; init; }

    /// <summary>L2 penalty that is added to the gradient.</summary>
    public double WeightDecay { get; init; }
}

/// <summary>Adagrad (<c>adagrad:</c>), Duchi, Hazan and Singer 2011, with PyTorch's options.</summary>
public sealed record AdagradOptions : OptimizerOptions
{
    /// <inheritdoc/>
    public override double Rate { get; init; } = 0.01;

    /// <summary>Step s, from 0, divides the rate by 1 plus s times this.</summary>
    public double RateDecay { get; init; }

    /// <summary>What each sum of squared gradients starts from.</summary>
    public double InitialAccumulator { get; init; }

    /// <summary>Added to the denominator.</summary>
    public double Epsilon { get; init; } = 1e-10;

    /// <summary>L2 penalty that is added to the gradient.</summary>
    public double WeightDecay { get; init; }
}

/// <summary>Adam with Nesterov's momentum (<c>nadam:</c>), Dozat 2016, with PyTorch's options.</summary>
public sealed record NadamOptions : OptimizerOptions
{
    /// <inheritdoc/>
    public override double Rate { get; init; } = 0.002;

    /// <summary>Decay of the gradient's running mean.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the squared gradient's running mean.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the denominator.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>How fast the momentum grows to its full weight.</summary>
    public double MomentumDecay { get; init; } = 0.004;

    /// <summary>L2 penalty that is added to the gradient.</summary>
    public double WeightDecay { get; init; }
}
