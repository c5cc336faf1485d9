using System.Runtime.InteropServices;

namespace LstmCluster.Compute.Cuda;

/// <summary>The functions of CUDA's driver interface that are used. They come with NVIDIA's driver; no toolkit is needed.</summary>
/// <remarks>Names and parameters are those of cuda.h of 11.5, whose PTX the kernels are; handles and device pointers are <c>nint</c>.</remarks>
sealed unsafe class CudaLibrary
{
    static readonly string[] s_names = OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1"];
    static readonly Lazy<CudaLibrary?> s_loaded = new(Load);

    CudaLibrary(nint library)
    {
        Init = (delegate* unmanaged<uint, int>)NativeLibrary.GetExport(library, "cuInit");
        DriverGetVersion = (delegate* unmanaged<int*, int>)NativeLibrary.GetExport(library, "cuDriverGetVersion");
        GetErrorName = (delegate* unmanaged<int, byte**, int>)NativeLibrary.GetExport(library, "cuGetErrorName");
        DeviceGetCount = (delegate* unmanaged<int*, int>)NativeLibrary.GetExport(library, "cuDeviceGetCount");
        DeviceGet = (delegate* unmanaged<int*, int, int>)NativeLibrary.GetExport(library, "cuDeviceGet");
        DeviceGetName = (delegate* unmanaged<byte*, int, int, int>)NativeLibrary.GetExport(library, "cuDeviceGetName");
        DeviceTotalMem = (delegate* unmanaged<nuint*, int, int>)NativeLibrary.GetExport(library, "cuDeviceTotalMem_v2");
        DeviceGetAttribute = (delegate* unmanaged<int*, int, int, int>)NativeLibrary.GetExport(library, "cuDeviceGetAttribute");
        DevicePrimaryCtxRetain = (delegate* unmanaged<nint*, int, int>)NativeLibrary.GetExport(library, "cuDevicePrimaryCtxRetain");
        CtxSetCurrent = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuCtxSetCurrent");
        StreamCreate = (delegate* unmanaged<nint*, uint, int>)NativeLibrary.GetExport(library, "cuStreamCreate");
        StreamSynchronize = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuStreamSynchronize");
        EventCreate = (delegate* unmanaged<nint*, uint, int>)NativeLibrary.GetExport(library, "cuEventCreate");
        EventRecord = (delegate* unmanaged<nint, nint, int>)NativeLibrary.GetExport(library, "cuEventRecord");
        EventQuery = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuEventQuery");
        EventSynchronize = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuEventSynchronize");
        StreamWaitEvent = (delegate* unmanaged<nint, nint, uint, int>)NativeLibrary.GetExport(library, "cuStreamWaitEvent");
        EventDestroy = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuEventDestroy_v2");
        DeviceGetDefaultMemPool = (delegate* unmanaged<nint*, int, int>)NativeLibrary.GetExport(library, "cuDeviceGetDefaultMemPool");
        MemPoolSetAttribute = (delegate* unmanaged<nint, int, void*, int>)NativeLibrary.GetExport(library, "cuMemPoolSetAttribute");
        DeviceCanAccessPeer = (delegate* unmanaged<int*, int, int, int>)NativeLibrary.GetExport(library, "cuDeviceCanAccessPeer");
        MemPoolSetAccess = (delegate* unmanaged<nint, CudaAccess*, nuint, int>)NativeLibrary.GetExport(library, "cuMemPoolSetAccess");
        MemcpyPeerAsync = (delegate* unmanaged<nint, nint, nint, nint, nuint, nint, int>)NativeLibrary.GetExport(library, "cuMemcpyPeerAsync");
        MemAllocAsync = (delegate* unmanaged<nint*, nuint, nint, int>)NativeLibrary.GetExport(library, "cuMemAllocAsync");
        MemFreeAsync = (delegate* unmanaged<nint, nint, int>)NativeLibrary.GetExport(library, "cuMemFreeAsync");
        MemAllocHost = (delegate* unmanaged<nint*, nuint, int>)NativeLibrary.GetExport(library, "cuMemAllocHost_v2");
        MemcpyHtoDAsync = (delegate* unmanaged<nint, void*, nuint, nint, int>)NativeLibrary.GetExport(library, "cuMemcpyHtoDAsync_v2");
        MemcpyDtoHAsync = (delegate* unmanaged<void*, nint, nuint, nint, int>)NativeLibrary.GetExport(library, "cuMemcpyDtoHAsync_v2");
        MemcpyDtoDAsync = (delegate* unmanaged<nint, nint, nuint, nint, int>)NativeLibrary.GetExport(library, "cuMemcpyDtoDAsync_v2");
        MemsetD32Async = (delegate* unmanaged<nint, uint, nuint, nint, int>)NativeLibrary.GetExport(library, "cuMemsetD32Async");
        ModuleLoadData = (delegate* unmanaged<nint*, void*, uint, int*, void**, int>)NativeLibrary.GetExport(library, "cuModuleLoadDataEx");
        ModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, int>)NativeLibrary.GetExport(library, "cuModuleGetFunction");
        FuncSetAttribute = (delegate* unmanaged<nint, int, int, int>)NativeLibrary.GetExport(library, "cuFuncSetAttribute");
        OccupancyMaxActiveBlocks =
            (delegate* unmanaged<int*, nint, int, nuint, int>)NativeLibrary.GetExport(library, "cuOccupancyMaxActiveBlocksPerMultiprocessor");
        LaunchCooperativeKernel =
            (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, int>)NativeLibrary.GetExport(library, "cuLaunchCooperativeKernel");
        LaunchKernel =
            (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)NativeLibrary.GetExport(library, "cuLaunchKernel");
    }

    /// <summary>The driver; null when the system has none, or one from before CUDA 11.2.</summary>
    public static CudaLibrary? Loaded => s_loaded.Value;

    public readonly delegate* unmanaged<uint, int> Init;
    public readonly delegate* unmanaged<int*, int> DriverGetVersion, DeviceGetCount;
    public readonly delegate* unmanaged<int, byte**, int> GetErrorName;
    public readonly delegate* unmanaged<int*, int, int> DeviceGet;
    public readonly delegate* unmanaged<byte*, int, int, int> DeviceGetName;
    public readonly delegate* unmanaged<nuint*, int, int> DeviceTotalMem;
    public readonly delegate* unmanaged<int*, int, int, int> DeviceGetAttribute;
    public readonly delegate* unmanaged<nint*, int, int> DevicePrimaryCtxRetain, DeviceGetDefaultMemPool;
    public readonly delegate* unmanaged<nint, int> CtxSetCurrent, StreamSynchronize, EventQuery, EventSynchronize, EventDestroy;
    public readonly delegate* unmanaged<nint, nint, uint, int> StreamWaitEvent;
    public readonly delegate* unmanaged<nint*, uint, int> StreamCreate, EventCreate;
    public readonly delegate* unmanaged<nint, nint, int> EventRecord, MemFreeAsync;
    public readonly delegate* unmanaged<nint, int, void*, int> MemPoolSetAttribute;
    public readonly delegate* unmanaged<int*, int, int, int> DeviceCanAccessPeer;
    public readonly delegate* unmanaged<nint, CudaAccess*, nuint, int> MemPoolSetAccess;
    public readonly delegate* unmanaged<nint, nint, nint, nint, nuint, nint, int> MemcpyPeerAsync;
    public readonly delegate* unmanaged<nint*, nuint, nint, int> MemAllocAsync;
    public readonly delegate* unmanaged<nint*, nuint, int> MemAllocHost;
    public readonly delegate* unmanaged<nint, void*, nuint, nint, int> MemcpyHtoDAsync;
    public readonly delegate* unmanaged<void*, nint, nuint, nint, int> MemcpyDtoHAsync;
    public readonly delegate* unmanaged<nint, nint, nuint, nint, int> MemcpyDtoDAsync;
    public readonly delegate* unmanaged<nint, uint, nuint, nint, int> MemsetD32Async;
    public readonly delegate* unmanaged<nint*, void*, uint, int*, void**, int> ModuleLoadData;
    public readonly delegate* unmanaged<nint*, nint, byte*, int> ModuleGetFunction;
    public readonly delegate* unmanaged<nint, int, int, int> FuncSetAttribute;
    public readonly delegate* unmanaged<int*, nint, int, nuint, int> OccupancyMaxActiveBlocks;
    public readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, int> LaunchCooperativeKernel;
    public readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> LaunchKernel;

    /// <summary>The name of an error code in cuda.h.</summary>
    public string Meaning(int code)
    {
        byte* name;
        return GetErrorName(code, &name) == CudaCode.Success ? Marshal.PtrToStringUTF8((nint)name)! : "an error of this driver";
    }

    static CudaLibrary? Load()
    {
        foreach (var name in s_names)
            if (NativeLibrary.TryLoad(name, out var library) && NativeLibrary.TryGetExport(library, "cuMemAllocAsync", out _))
                return new CudaLibrary(library);
        return null;
    }
}

/// <summary>Who may use the memory of a pool, and how: <c>CUmemAccessDesc</c>.</summary>
/// <param name="LocationType">Kind of <paramref name="Location"/>: <see cref="CudaCode.LocationOfDevice"/>.</param>
/// <param name="Location">The device.</param>
/// <param name="Access"><see cref="CudaCode.ReadAndWrite"/>.</param>
readonly record struct CudaAccess(int LocationType, int Location, int Access);

/// <summary>Constants of cuda.h.</summary>
static class CudaCode
{
    public const int Success = 0, OutOfMemory = 2, NotReady = 600;

    public const int ComputeUnits = 16, ComputeMajor = 75, ComputeMinor = 76, CooperativeLaunch = 95, LocalBytesOfGroup = 97, ReleaseThreshold = 4;

    public const int MostLocalBytesOfFunction = 8, LocationOfDevice = 1, ReadAndWrite = 3;

    public const int ErrorLogBuffer = 5, ErrorLogBufferBytes = 6, MostErrorLogBytes = 4096;

    public const uint NonBlocking = 1, WithoutTiming = 2;
}
