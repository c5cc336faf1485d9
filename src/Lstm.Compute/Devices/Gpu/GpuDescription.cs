namespace LstmCluster.Compute.Gpu;

/// <summary>What a person wants to know of a GPU.</summary>
/// <param name="Name">The name that selects it, such as <c>opencl:0</c>.</param>
/// <param name="Model">The maker's name.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="ComputeUnits">Its compute units.</param>
/// <param name="Driver">Version of its driver.</param>
public sealed record GpuDescription(string Name, string Model, long MemoryBytes, int ComputeUnits, string Driver);
