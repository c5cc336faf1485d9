namespace LstmCluster.Compute.Tests;

/// <summary>Every tested device, and the reference in double precision, each with the error that its precision allows.</summary>
static class GoldenDevices
{
    const string Double = "reference-double";

    public static TheoryData<string> Names => [.. AllNames];

    public static IEnumerable<string> AllNames => TestDevices.AllNames.Prepend(Double);

    public static IDevice Open(string name) => name == Double ? new ReferenceDevice<double>() : TestDevices.Open(name);

    /// <summary>As a fraction of a tensor's largest magnitude.</summary>
    public static double Tolerance(string name) => name == Double ? 1e-12 : Agreement.Tolerance;
}
