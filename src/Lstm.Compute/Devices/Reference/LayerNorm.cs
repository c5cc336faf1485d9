namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <summary>Layer normalisation of one vector without its gain and shift (Ba, Kiros and Hinton 2016), in place.</summary>
    /// <returns>The inverse deviation, which backward needs.</returns>
    static T Normalize(Span<T> values)
    {
        var count = T.CreateChecked(values.Length);
        var mean = T.Zero;
        foreach (var value in values)
            mean += value / count;
        var variance = T.Zero;
        foreach (var value in values)
            variance += (value - mean) * (value - mean) / count;
        var inverseDeviation = T.One / T.Sqrt(variance + Number(LstmOptions.NormEpsilon));
        foreach (ref var value in values)
            value = (value - mean) * inverseDeviation;
        return inverseDeviation;
    }

    /// <summary>Gain and shift of one normalised element.</summary>
    /// <param name="normalized">[width].</param>
    /// <param name="norm">Gain, then shift, [2,width].</param>
    /// <param name="index">Which element.</param>
    static T Scaled(ReadOnlySpan<T> normalized, ReadOnlySpan<T> norm, int index) =>
        (normalized[index] * norm[index]) + norm[normalized.Length + index];

    /// <summary>Backward of <see cref="Scaled"/> after <see cref="Normalize"/>: gradient of the result to gradient of the vector.</summary>
    /// <param name="gradient">[width], of the normalised, scaled and shifted vector.</param>
    /// <param name="norm">Gain, then shift, [2,width].</param>
    /// <param name="normalized">[width], the vector without mean and deviation.</param>
    /// <param name="inverseDeviation">What <see cref="Normalize"/> returned.</param>
    /// <param name="result">[width].</param>
    static void NormalizeGradient(
        ReadOnlySpan<T> gradient, ReadOnlySpan<T> norm, ReadOnlySpan<T> normalized, T inverseDeviation, Span<T> result)
    {
        var count = T.CreateChecked(gradient.Length);
        var (mean, correlation) = (T.Zero, T.Zero);
        for (var index = 0; index < gradient.Length; index++)
        {
            mean += gradient[index] * norm[index] / count;
            correlation += gradient[index] * norm[index] * normalized[index] / count;
        }

        for (var index = 0; index < gradient.Length; index++)
            result[index] = ((gradient[index] * norm[index]) - mean - (normalized[index] * correlation)) * inverseDeviation;
    }
}
