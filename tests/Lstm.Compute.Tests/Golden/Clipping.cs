namespace LstmCluster.Compute.Tests;

/// <summary>Global-norm clipping as PyTorch's <c>clip_grad_norm_</c> defines it.</summary>
static class Clipping
{
    // PyTorch adds it to the norm.
    const double Guard = 1e-6;

    /// <summary>The factor of a gradient, and the norm before clipping.</summary>
    /// <param name="device">Where the gradient is.</param>
    /// <param name="gradient">The gradient.</param>
    /// <param name="factor">What it is multiplied by anyway, such as one over the number of targets.</param>
    /// <param name="limit">Largest norm.</param>
    public static (float Scale, double Norm) ScaleByNorm(IDevice device, DeviceSpan gradient, double factor, double limit)
    {
        var sums = new double[1];
        device.SumSquares(gradient, gradient.Length, sums);
        var norm = factor * Math.Sqrt(sums[0]);
        return ((float)(factor * Math.Min(1, limit / (norm + Guard))), norm);
    }
}
