namespace LstmCluster.Compute;

/// <summary>The loss of a batch.</summary>
/// <param name="Loss">Sum over the targets; of cross-entropies in nats.</param>
/// <param name="Targets">Targets that count: classes, or single values.</param>
public readonly record struct BatchLoss(double Loss, int Targets)
{
    /// <summary>Loss for each target; NaN when there is none.</summary>
    public double MeanLoss => Loss / Targets;
}

/// <summary>What a training step did.</summary>
/// <param name="Loss">Sum over the targets, before the update; of cross-entropies in nats.</param>
/// <param name="Targets">Targets that count: classes, or single values.</param>
/// <param name="GradientNorm">L2 norm of the mean loss's gradient, before clipping.</param>
/// <param name="Rate">Learning rate of the update.</param>
public readonly record struct TrainingStep(double Loss, int Targets, double GradientNorm, double Rate)
{
    /// <summary>Loss for each target.</summary>
    public double MeanLoss => Loss / Targets;
}
