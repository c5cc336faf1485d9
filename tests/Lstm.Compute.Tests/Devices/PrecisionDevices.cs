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

    /// <summary>
    /// The kernels for GPUs on the OpenCL device, in every precision that has its own; none where there is no driver. In the slow suites: PoCL takes seconds to compile
    /// each file of each form.
    /// </summary>
    public static IEnumerable<TheoryDataRow<string, ComputePrecision>> GpuForms =>
        from name in TestDevices.AllNames.Contains(OpenCl) ? new[] { AsGpu, AsTensorCores } : []
        from precision in Enum.GetValues<ComputePrecision>()
        where name == AsGpu || precision != ComputePrecision.Fp32
        select new TheoryDataRow<string, ComputePrecision>(name, precision).WithTrait("Category", "Slow");

    public static IDevice Open(string name) => name is AsGpu or AsTensorCores ? OpenForm(name, int.MaxValue) : TestDevices.Open(name);

    /// <summary>A device with kernels for GPUs.</summary>
    /// <param name="name">The name of one of <see cref="GpuForms"/>.</param>
    /// <param name="leastWideTiles">How many wide tiles a product must have to be made of them.</param>
    public static GpuDevice OpenForm(string name, int leastWideTiles) => new((name == AsGpu ? s_gpu : s_tensorCores).Value) { LeastWideTiles = leastWideTiles };
}
