namespace LstmCluster.Compute;

/// <summary>What training makes small: a sum over the loss positions of a batch that count. Positions that are ignored or padding have no loss and no gradient.</summary>
public abstract record Loss
{
    private protected Loss()
    {
    }

    /// <summary>True when targets are classes, false when they are values.</summary>
    internal abstract bool TakesClasses { get; }

    /// <summary>Losses of every position, and in place of the outputs their gradient if that is wanted.</summary>
    internal abstract void Run(IDevice device, in LossOperands operands);
}

/// <summary>The operands of a loss.</summary>
/// <param name="Outputs">[Count,Width].</param>
/// <param name="Count">Positions.</param>
/// <param name="Width">Outputs of a position.</param>
/// <param name="Classes">[Count], for a loss of classes.</param>
/// <param name="Values">[Count,Width], for a loss of values.</param>
/// <param name="Mask">[Count], 0 for a position without values; null when all have some.</param>
/// <param name="Losses">[Count].</param>
/// <param name="Gradient">True to overwrite the outputs with their gradient.</param>
readonly record struct LossOperands(
    DeviceSpan Outputs, int Count, int Width, DeviceIndices? Classes, DeviceSpan Values, DeviceIndices? Mask, DeviceSpan Losses, bool Gradient);

/// <summary>Softmax cross-entropy of one class, in nats; targets are <see cref="Batch.Classes"/>.</summary>
/// <param name="Smoothing">Label smoothing (Szegedy et al. 2016) as PyTorch defines it: share of the target distribution that is spread over all classes, from 0 to 1. In training only: without it, losses are those of the targets themselves.</param>
/// <exception cref="ArgumentOutOfRangeException">The smoothing is not in 0..1.</exception>
public sealed record CrossEntropy(float Smoothing = 0f) : Loss
{
    /// <summary>Share of the target distribution that is spread over all classes.</summary>
    public float Smoothing { get; init => field = Checked(value); } = Checked(Smoothing);

    internal override bool TakesClasses => true;

    // Smoothing is a means of training: an evaluation tells the likelihood of the targets themselves, of which perplexity and bits are made.
    internal override void Run(IDevice device, in LossOperands operands) => device.SmoothedCrossEntropy(
        operands.Outputs, operands.Width, operands.Classes!, operands.Count, operands.Gradient ? Smoothing : 0f, operands.Losses, operands.Gradient);

    static float Checked(float smoothing) =>
        smoothing is >= 0 and <= 1 ? smoothing : throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, "must be from 0 to 1");
}

/// <summary>Binary cross-entropy of logits, in nats, summed over the outputs of a position; targets are <see cref="Batch.Values"/> from 0 to 1.</summary>
public sealed record BinaryCrossEntropy : Loss
{
    internal override bool TakesClasses => false;

    internal override void Run(IDevice device, in LossOperands operands) => device.BinaryCrossEntropy(
        operands.Outputs, operands.Values, operands.Count, operands.Width, operands.Mask, operands.Losses, operands.Gradient);
}

/// <summary>Squared error, summed over the outputs of a position; targets are <see cref="Batch.Values"/>.</summary>
public sealed record SquaredError : Loss
{
    internal override bool TakesClasses => false;

    internal override void Run(IDevice device, in LossOperands operands) => device.SquaredError(
        operands.Outputs, operands.Values, operands.Count, operands.Width, operands.Mask, operands.Losses, operands.Gradient);
}

/// <summary>Huber loss (1964) as PyTorch defines it, summed over the outputs of a position; targets are <see cref="Batch.Values"/>.</summary>
/// <param name="Delta">Distance at which the square ends and the line begins; positive.</param>
/// <exception cref="ArgumentOutOfRangeException">Delta is not a positive number.</exception>
public sealed record Huber(float Delta = 1f) : Loss
{
    /// <summary>Distance at which the square ends and the line begins.</summary>
    public float Delta { get; init => field = Checked(value); } = Checked(Delta);

    internal override bool TakesClasses => false;

    internal override void Run(IDevice device, in LossOperands operands) => device.HuberLoss(
        operands.Outputs, operands.Values, operands.Count, operands.Width, Delta, operands.Mask, operands.Losses, operands.Gradient);

    static float Checked(float delta) =>
        delta > 0 && float.IsFinite(delta) ? delta : throw new ArgumentOutOfRangeException(nameof(delta), delta, "must be a positive number");
}
