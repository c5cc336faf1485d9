namespace LstmCluster.Compute.Tests;

/// <summary>Where a test puts an operand.</summary>
public enum Placement
{
    /// <summary>In memory that the device allocated, off its start, with NaN on both sides.</summary>
    BetweenNotNumbers,

    /// <summary>In imported host memory whose first element follows a page without access.</summary>
    AfterGuardPage,

    /// <summary>In imported host memory whose last element precedes a page without access.</summary>
    BeforeGuardPage,
}
