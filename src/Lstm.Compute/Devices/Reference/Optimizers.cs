namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void SgdStep(in SgdStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan velocity, DeviceSpan updated)
    {
        var w = Numbers(weights);
        var g = Numbers(gradient, w.Length);
        var v = velocity.IsEmpty ? [] : Numbers(velocity, w.Length);
        var next = Numbers(updated, w.Length);
        var (scale, rate, momentum, decay) = (Number(step.GradientScale), Number(step.Rate), Number(step.Momentum), Number(step.WeightDecay));
        for (var index = 0; index < w.Length; index++)
        {
            var change = (scale * g[index]) + (decay * w[index]);
            if (!v.IsEmpty)
                change = v[index] = (momentum * v[index]) + change;
            next[index] = w[index] - (rate * change);
        }
    }

    /// <inheritdoc/>
    public void AdamStep(in AdamStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan first, DeviceSpan second, DeviceSpan updated)
    {
        var w = Numbers(weights);
        var g = Numbers(gradient, w.Length);
        var m = Numbers(first, w.Length);
        var v = Numbers(second, w.Length);
        var next = Numbers(updated, w.Length);
        var (scale, beta1, beta2) = (Number(step.GradientScale), Number(step.Beta1), Number(step.Beta2));
        var (stepSize, correction, epsilon, keep) =
            (Number(step.StepSize), Number(step.InverseRootCorrection), Number(step.Epsilon), Number(step.Keep));
        for (var index = 0; index < w.Length; index++)
        {
            var scaled = scale * g[index];
            m[index] = (beta1 * m[index]) + ((T.One - beta1) * scaled);
            v[index] = (beta2 * v[index]) + ((T.One - beta2) * scaled * scaled);
            next[index] = (w[index] * keep) - (stepSize * m[index] / ((T.Sqrt(v[index]) * correction) + epsilon));
        }
    }
}
