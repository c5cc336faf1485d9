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

    /// <summary>
    /// RMSProp (Tieleman and Hinton 2012) as PyTorch defines it: <c>s = alpha*s + (1-alpha)*g*g</c>, <c>w' = w - rate*g/(sqrt(s) + epsilon)</c>, where
    /// <c>g = scale*gradient + decay*w</c>.
    /// </summary>
    /// <remarks>
    /// Centered (Graves 2013): the root is of <c>s - a*a</c> with <c>a = alpha*a + (1-alpha)*g</c>; rounding cannot take it below zero. With momentum:
    /// <c>v = momentum*v + g/(root + epsilon)</c>, <c>w' = w - rate*v</c>.
    /// </remarks>
    /// <param name="step">The scalars of this step.</param>
    /// <param name="gradient">Averaged gradient.</param>
    /// <param name="weights">w.</param>
    /// <param name="squares">s. Updated.</param>
    /// <param name="mean">a. Updated; empty when not centered.</param>
    /// <param name="velocity">v. Updated; empty without momentum.</param>
    /// <param name="updated">w'. May be <paramref name="weights"/> itself.</param>
    void RmsPropStep(
        in RmsPropStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan squares, DeviceSpan mean, DeviceSpan velocity, DeviceSpan updated);

    /// <summary>Adagrad (Duchi, Hazan and Singer 2011): <c>s = s + g*g</c>, <c>w' = w - rate*g/(sqrt(s) + epsilon)</c>, where <c>g = scale*gradient + decay*w</c>.</summary>
    /// <param name="step">The scalars of this step.</param>
    /// <param name="gradient">Averaged gradient.</param>
    /// <param name="weights">w.</param>
    /// <param name="squares">s. Updated.</param>
    /// <param name="updated">w'. May be <paramref name="weights"/> itself.</param>
    void AdagradStep(in AdagradStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan squares, DeviceSpan updated);

    /// <summary>Nadam (Dozat 2016): Adam with Nesterov's momentum.</summary>
    /// <param name="step">The scalars of this step.</param>
    /// <param name="gradient">Averaged gradient.</param>
    /// <param name="weights">w.</param>
    /// <param name="first">m. Updated.</param>
    /// <param name="second">v. Updated.</param>
    /// <param name="updated">w'. May be <paramref name="weights"/> itself.</param>
    void NadamStep(in NadamStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan first, DeviceSpan second, DeviceSpan updated);

    /// <summary>Moves an average towards the weights: <c>average += share*(weights - average)</c>.</summary>
    /// <param name="share">Share of the way, from 0 to 1.</param>
    /// <param name="weights">w.</param>
    /// <param name="average">The average. Updated.</param>
    void MoveAverage(float share, DeviceSpan weights, DeviceSpan average);
}
