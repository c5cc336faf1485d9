namespace LstmCluster.Compute;

/// <summary>The loss of a batch.</summary>
/// <param name="Loss">Sum over the positions with a target; of cross-entropies in nats.</param>
/// <param name="Targets">Positions with a target.</param>
public readonly record struct BatchLoss(double Loss, int Targets)
{
    /// <summary>Loss for each target; NaN when there is none.</summary>
    public double MeanLoss => Loss / Targets;
}

/// <summary>What a training step did.</summary>
/// <param name="Loss">Sum over the positions with a target, before the update; of cross-entropies in nats.</param>
/// <param name="Targets">Positions with a target.</param>
/// <param name="GradientNorm">L2 norm of the mean loss's gradient, before clipping.</param>
/// <param name="Rate">Learning rate of the update.</param>
public readonly record struct TrainingStep(double Loss, int Targets, double GradientNorm, double Rate)
{
    /// <summary>Loss for each target.</summary>
    public double MeanLoss => Loss / Targets;
}
