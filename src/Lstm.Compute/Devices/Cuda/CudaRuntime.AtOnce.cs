using LstmCluster.Compute.Gpu;

namespace LstmCluster.Compute.Cuda;

/// <content>Kernels whose work-groups wait for each other: cooperative launches, which the driver refuses where not all groups can run at the same time.</content>
sealed unsafe partial class CudaRuntime
{
    // More local memory than this a function must be allowed.
    const uint LocalBytesOfAnyFunction = 48 * 1024;

    readonly Dictionary<(GpuKernel Kernel, int Items, int LocalBytes), int> _groupsAtOnce = [];
    readonly Dictionary<nint, uint> _allowed = [];

    public int GroupsAtOnce(GpuKernel kernel, int items, int localBytes)
    {
        lock (_lock)
        {
            if (_groupsAtOnce.TryGetValue((kernel, items, localBytes), out var found)) return found;
            Enter();
            var groups = 0;
            if (Attribute(CudaCode.CooperativeLaunch) != 0 && localBytes <= Attribute(CudaCode.LocalBytesOfGroup))
            {
                var function = FunctionOf(kernel);
                Allow(function, kernel, (uint)localBytes);
                int ofUnit;
                Check(
                    _library.OccupancyMaxActiveBlocks(&ofUnit, function, items, (nuint)localBytes), $"cuOccupancyMaxActiveBlocksPerMultiprocessor({kernel.Name})");
                groups = ofUnit * Attribute(CudaCode.ComputeUnits);
            }

            _groupsAtOnce.Add((kernel, items, localBytes), groups);
            return groups;
        }
    }

    public void LaunchAtOnce(GpuKernel kernel, GpuGrid grid, ReadOnlySpan<GpuArgument> arguments) => Launch(kernel, grid, arguments, isCooperative: true);

    void Allow(nint function, GpuKernel kernel, uint localBytes)
    {
        if (localBytes <= LocalBytesOfAnyFunction || _allowed.GetValueOrDefault(function) >= localBytes) return;
        Check(_library.FuncSetAttribute(function, CudaCode.MostLocalBytesOfFunction, (int)localBytes), $"cuFuncSetAttribute({kernel.Name})");
        _allowed[function] = localBytes;
    }

    int Attribute(int what)
    {
        int value;
        Check(_library.DeviceGetAttribute(&value, what, _device), "cuDeviceGetAttribute");
        return value;
    }
}
