using LstmCluster.Compute.Gpu;
using LstmCluster.Compute.OpenCl;

namespace LstmCluster.Compute.Tests;

/// <summary>
/// The tested devices, and the first OpenCL device with the kernels that GPUs get, which have other tiles: with operands rounded in software, and with tensor cores
/// in software in place of CUDA's.
/// </summary>
static class PrecisionDevices
{
    const string OpenCl = "opencl:0", AsGpu = "opencl:0 as a GPU", AsTensorCores = "opencl:0 as a GPU with tensor cores";

    static readonly Lazy<OpenClRuntime>
        s_gpu = new(() => OpenClDevices.CreateRuntime(0, KernelCache.OfUser(), KernelForm.Gpu)),
        s_tensorCores = new(() => OpenClDevices.CreateRuntime(0, KernelCache.OfUser(), KernelForm.EmulatedTensorCores));

    /// <summary>Every device.</summary>
    public static IEnumerable<string> AllNames => [.. TestDevices.AllNames, .. GpuForms];

    /// <summary>Those with kernels for GPUs on the OpenCL device; none where there is no driver.</summary>
    public static IEnumerable<string> GpuForms => TestDevices.AllNames.Contains(OpenCl) ? [AsGpu, AsTensorCores] : [];

    public static IDevice Open(string name) => GpuForms.Contains(name) ? OpenForm(name, int.MaxValue) : TestDevices.Open(name);

    /// <summary>A device with kernels for GPUs.</summary>
    /// <param name="name">One of <see cref="GpuForms"/>.</param>
    /// <param name="leastWideTiles">How many wide tiles a product must have to be made of them.</param>
    public static GpuDevice OpenForm(string name, int leastWideTiles) => new((name == AsGpu ? s_gpu : s_tensorCores).Value) { LeastWideTiles = leastWideTiles };
}
