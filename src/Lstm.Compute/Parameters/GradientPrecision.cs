namespace LstmCluster.Compute;

/// <summary>What shards' gradients, and every sum of them, are rounded to on their way along the reduction tree.</summary>
public enum GradientPrecision
{
    /// <summary>Single precision: nothing is rounded beyond the sum itself.</summary>
    Fp32,

    /// <summary><see cref="Bf16"/>: half the bytes between processes. Rounded wherever it is made, so that the bits do not depend on who makes it.</summary>
    Bf16,
}
