namespace LstmCluster.Compute.OpenCl;

/// <summary>Constants of the specification.</summary>
static class OpenClCode
{
    public const int Success = 0, OutOfDeviceMemory = -4, OutOfResources = -5, OutOfHostMemory = -6, InvalidBufferSize = -61, NoPlatform = -1001;

    public const ulong EveryKind = 0xFFFFFFFF, TypeProcessor = 1 << 1, ReadWrite = 1, HostMemory = 1 << 4, MapWrite = 1 << 1;

    public const uint DeviceType = 0x1000, DeviceComputeUnits = 0x1002, DeviceGlobalMemory = 0x101F, DeviceLocalMemory = 0x1023, DeviceLongestMemory = 0x1010, DeviceGroupSize = 0x1004,
        DeviceCompilerAvailable = 0x1028, DeviceFloatConfig = 0x101B, DeviceDoubleConfig = 0x1032, DeviceName = 0x102B, DriverVersion = 0x102D, DeviceVersion = 0x102F;

    public const ulong FloatConfigCorrectDivide = 1 << 7;

    public const uint ProgramBinarySizes = 0x1165, ProgramBinaries = 0x1166, BuildLog = 0x1183, EventStatus = 0x11D3;

    /// <summary>The name of an error code in the specification.</summary>
    public static string Meaning(int code) => code switch
    {
        -1 => "CL_DEVICE_NOT_FOUND",
        -2 => "CL_DEVICE_NOT_AVAILABLE",
        -3 => "CL_COMPILER_NOT_AVAILABLE",
        OutOfDeviceMemory => "CL_MEM_OBJECT_ALLOCATION_FAILURE",
        OutOfResources => "CL_OUT_OF_RESOURCES",
        OutOfHostMemory => "CL_OUT_OF_HOST_MEMORY",
        -8 => "CL_MEM_COPY_OVERLAP",
        -11 => "CL_BUILD_PROGRAM_FAILURE",
        -30 => "CL_INVALID_VALUE",
        -33 => "CL_INVALID_DEVICE",
        -34 => "CL_INVALID_CONTEXT",
        -36 => "CL_INVALID_COMMAND_QUEUE",
        -38 => "CL_INVALID_MEM_OBJECT",
        -42 => "CL_INVALID_BINARY",
        -43 => "CL_INVALID_BUILD_OPTIONS",
        -44 => "CL_INVALID_PROGRAM",
        -45 => "CL_INVALID_PROGRAM_EXECUTABLE",
        -46 => "CL_INVALID_KERNEL_NAME",
        -48 => "CL_INVALID_KERNEL",
        -49 => "CL_INVALID_ARG_INDEX",
        -50 => "CL_INVALID_ARG_VALUE",
        -51 => "CL_INVALID_ARG_SIZE",
        -52 => "CL_INVALID_KERNEL_ARGS",
        -54 => "CL_INVALID_WORK_GROUP_SIZE",
        -55 => "CL_INVALID_WORK_ITEM_SIZE",
        InvalidBufferSize => "CL_INVALID_BUFFER_SIZE",
        NoPlatform => "CL_PLATFORM_NOT_FOUND_KHR",
        _ => "an error of this driver",
    };
}
