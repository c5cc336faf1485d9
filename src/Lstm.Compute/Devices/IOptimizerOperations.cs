namespace LstmCluster.Compute;

/// <summary>Optimizer steps, out of place, so that a weight version that workers still read is never written.</summary>
public interface IOptimizerOperations
{
    /// <summary>Stochastic gradient descent with momentum: <c>v = momentum*v + g</c>, <c>w' = w - rate*v</c>, where <c>g = scale*gradient + decay*w</c>.</summary>
    /// <param name="step">The scalars of this step.</param>
    /// <param name="gradient">Averaged gradient.</param>
    /// <param name="weights">w.</param>
    /// <param name="velocity">v. Updated; empty without momentum.</param>
    /// <param name="updated">w'. May be <paramref name="weights"/> itself.</param>
    void SgdStep(in SgdStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan velocity, DeviceSpan updated);

    /// <summary>Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019).</summary>
    /// <param name="step">The scalars of this step.</param>
    /// <param name="gradient">Averaged gradient.</param>
    /// <param name="weights">w.</param>
    /// <param name="first">m. Updated.</param>
    /// <param name="second">v. Updated.</param>
    /// <param name="updated">w'. May be <paramref name="weights"/> itself.</param>
    void AdamStep(in AdamStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan first, DeviceSpan second, DeviceSpan updated);
}

/// <summary>The scalars of one SGD step.</summary>
/// <param name="GradientScale">Factor of the gradient, from clipping.</param>
/// <param name="Rate">Learning rate of this step.</param>
/// <param name="Momentum">0 for none.</param>
/// <param name="WeightDecay">Factor of the weights that is added to the gradient.</param>
public readonly record struct SgdStep(float GradientScale, float Rate, float Momentum, float WeightDecay);

/// <summary>The scalars of one Adam step: <c>m = b1*m + (1-b1)*g</c>, <c>v = b2*v + (1-b2)*g*g</c>, <c>w' = w*Keep - StepSize*m/(sqrt(v)*InverseRootCorrection + Epsilon)</c>.</summary>
/// <param name="GradientScale">Factor of the gradient, from clipping.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="StepSize">Rate divided by <c>1 - beta1^t</c>.</param>
/// <param name="InverseRootCorrection"><c>1/sqrt(1 - beta2^t)</c>.</param>
/// <param name="Epsilon">Added to the denominator.</param>
/// <param name="Keep">1 for Adam; <c>1 - rate*decay</c> for AdamW.</param>
public readonly record struct AdamStep(
    float GradientScale, float Beta1, float Beta2, float StepSize, float InverseRootCorrection, float Epsilon, float Keep);
