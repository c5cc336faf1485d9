namespace LstmCluster.Compute;

/// <summary>What the operands of matrix products are rounded to. Sums, states and weights are single precision in all of them.</summary>
public enum ComputePrecision
{
    /// <summary>Single precision: nothing is rounded before it is multiplied.</summary>
    Fp32,

    /// <summary>Ten bits of mantissa, the exponents of single precision.</summary>
    Tf32,

    /// <summary>Seven bits of mantissa, the exponents of single precision: <see cref="Bf16"/>.</summary>
    Bf16,
}
