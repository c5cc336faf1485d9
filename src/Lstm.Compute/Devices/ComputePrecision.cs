namespace LstmCluster.Compute;

/// <summary>What the operands of matrix products are rounded to. Sums, states and weights are single precision in all of them.</summary>
/// <remarks>
/// Rounded are both operands of products with a weight matrix, forward and backward, and of the products that give a weight matrix its gradient. Everything else is
/// single precision throughout: the sums of products, biases, gates, states, normalisation, attention's scores and weighted sums, losses, and the optimizer.
/// A product of two rounded numbers is exact, so devices differ in the order of their sums only.
/// </remarks>
public enum ComputePrecision
{
    /// <summary>Single precision: nothing is rounded before it is multiplied.</summary>
    Fp32,

    /// <summary>Ten bits of mantissa, the exponents of single precision: <see cref="Compute.Tf32"/>.</summary>
    Tf32,

    /// <summary>Seven bits of mantissa, the exponents of single precision: <see cref="Compute.Bf16"/>.</summary>
    Bf16,
}

/// <summary>Rounds operands of matrix products.</summary>
public static class OperandRounding
{
    /// <summary>The nearest number of a precision.</summary>
    public static float Round(this ComputePrecision precision, float value) => precision switch
    {
        ComputePrecision.Tf32 => Tf32.Round(value),
        ComputePrecision.Bf16 => Bf16.Round(value),
        _ => value,
    };

    /// <summary>Rounds numbers in place.</summary>
    public static void Round(this ComputePrecision precision, Span<float> values)
    {
        if (precision == ComputePrecision.Tf32) Tf32.Round(values);
        else if (precision == ComputePrecision.Bf16) Bf16.Round(values);
    }
}
