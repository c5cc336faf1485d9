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

    /// <inheritdoc/>
    public void RmsPropStep(
        in RmsPropStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan squares, DeviceSpan mean, DeviceSpan velocity, DeviceSpan updated)
    {
        var w = Numbers(weights);
        var g = Numbers(gradient, w.Length);
        var s = Numbers(squares, w.Length);
        var a = mean.IsEmpty ? [] : Numbers(mean, w.Length);
        var v = velocity.IsEmpty ? [] : Numbers(velocity, w.Length);
        var next = Numbers(updated, w.Length);
        var (scale, rate, alpha) = (Number(step.GradientScale), Number(step.Rate), Number(step.Alpha));
        var (epsilon, momentum, decay) = (Number(step.Epsilon), Number(step.Momentum), Number(step.WeightDecay));
        for (var index = 0; index < w.Length; index++)
        {
            var slope = (scale * g[index]) + (decay * w[index]);
            var variance = s[index] = (alpha * s[index]) + ((T.One - alpha) * slope * slope);
            if (!a.IsEmpty)
            {
                a[index] = (alpha * a[index]) + ((T.One - alpha) * slope);
                variance = T.Max(T.Zero, variance - (a[index] * a[index]));
            }

            var change = slope / (T.Sqrt(variance) + epsilon);
            if (!v.IsEmpty)
                change = v[index] = (momentum * v[index]) + change;
            next[index] = w[index] - (rate * change);
        }
    }

    /// <inheritdoc/>
    public void AdagradStep(in AdagradStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan squares, DeviceSpan updated)
    {
        var w = Numbers(weights);
        var g = Numbers(gradient, w.Length);
        var s = Numbers(squares, w.Length);
        var next = Numbers(updated, w.Length);
        var (scale, rate, epsilon, decay) = (Number(step.GradientScale), Number(step.Rate), Number(step.Epsilon), Number(step.WeightDecay));
        for (var index = 0; index < w.Length; index++)
        {
            var slope = (scale * g[index]) + (decay * w[index]);
            s[index] += slope * slope;
            next[index] = w[index] - (rate * slope / (T.Sqrt(s[index]) + epsilon));
        }
    }

    /// <inheritdoc/>
    public void NadamStep(in NadamStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan first, DeviceSpan second, DeviceSpan updated)
    {
        var w = Numbers(weights);
        var g = Numbers(gradient, w.Length);
        var m = Numbers(first, w.Length);
        var v = Numbers(second, w.Length);
        var next = Numbers(updated, w.Length);
        var (scale, beta1, beta2, decay) = (Number(step.GradientScale), Number(step.Beta1), Number(step.Beta2), Number(step.WeightDecay));
        var (alongGradient, alongMoment) = (Number(step.GradientStep), Number(step.MomentStep));
        var (correction, epsilon) = (Number(step.InverseRootCorrection), Number(step.Epsilon));
        for (var index = 0; index < w.Length; index++)
        {
            var slope = (scale * g[index]) + (decay * w[index]);
            m[index] = (beta1 * m[index]) + ((T.One - beta1) * slope);
            v[index] = (beta2 * v[index]) + ((T.One - beta2) * slope * slope);
            next[index] = w[index] - (((alongGradient * slope) + (alongMoment * m[index])) / ((T.Sqrt(v[index]) * correction) + epsilon));
        }
    }

    /// <inheritdoc/>
    public void MoveAverage(float share, DeviceSpan weights, DeviceSpan average)
    {
        var moved = Numbers(average);
        var w = Numbers(weights, moved.Length);
        for (var index = 0; index < moved.Length; index++)
            moved[index] += Number(share) * (w[index] - moved[index]);
    }
}
