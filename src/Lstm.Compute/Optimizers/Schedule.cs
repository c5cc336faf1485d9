namespace LstmCluster.Compute;

/// <summary>The learning rate over the course of a job: a pure function of the update's number.</summary>
public abstract record Schedule
{
    /// <summary>Factor of the base rate.</summary>
    /// <param name="step">Number of the update, from 1.</param>
    public abstract double FactorAt(long step);
}

/// <summary>The base rate throughout.</summary>
public sealed record ConstantSchedule : Schedule
{
    /// <inheritdoc/>
    public override double FactorAt(long step) => 1;
}

/// <summary>Grows linearly to the base rate over the first updates: update k of them uses <c>k/Steps</c> of it.</summary>
/// <param name="Steps">Number of growing updates.</param>
public sealed record WarmUpSchedule(long Steps) : Schedule
{
    /// <inheritdoc/>
    public override double FactorAt(long step) => step >= Steps ? 1 : (double)step / Steps;
}

/// <summary>Falls along half a cosine from the base rate to a floor (Loshchilov and Hutter 2017), after an optional warm-up.</summary>
/// <param name="Steps">The update after which the factor is the floor.</param>
/// <param name="WarmUp">Growing updates before.</param>
/// <param name="Floor">Smallest factor.</param>
public sealed record CosineSchedule(long Steps, long WarmUp = 0, double Floor = 0) : Schedule
{
    /// <inheritdoc/>
    public override double FactorAt(long step)
    {
        if (step <= WarmUp) return (double)step / WarmUp;
        var progress = Steps > WarmUp ? Math.Min(1, (double)(step - 1 - WarmUp) / (Steps - WarmUp)) : 1;
        return Floor + ((1 - Floor) * 0.5 * (1 + PortableMath.CosPi(progress)));
    }
}

/// <summary>Multiplies the rate by a factor every so many updates.</summary>
/// <param name="Every">Updates between two changes.</param>
/// <param name="Factor">What each change multiplies by.</param>
public sealed record StepSchedule(long Every, double Factor) : Schedule
{
    /// <inheritdoc/>
    public override double FactorAt(long step) => PortableMath.Power(Factor, (step - 1) / Every);
}
