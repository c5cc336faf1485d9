using System.Runtime.InteropServices;

namespace LstmCluster.Actors;

/// <summary>Native memory at a 64-byte boundary with one owner. A block whose owner was lost is freed by its finalizer.</summary>
sealed unsafe class AlignedBlock : SafeHandle
{
    const int Alignment = 64;

    readonly long _pressureBytes;

    public AlignedBlock(nuint bytes)
        : base(0, ownsHandle: true)
    {
        bytes = Math.Max(1, bytes);
        SetHandle((nint)NativeMemory.AlignedAlloc(bytes, Alignment));
        NativeMemory.Clear((void*)handle, bytes);
        _pressureBytes = (long)bytes;
        GC.AddMemoryPressure(_pressureBytes);
    }

    public override bool IsInvalid => handle == 0;

    public void* Pointer => (void*)handle;

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        GC.RemoveMemoryPressure(_pressureBytes);
        return true;
    }
}
