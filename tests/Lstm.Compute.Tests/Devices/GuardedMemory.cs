using System.Buffers;
using System.Runtime.InteropServices;

namespace LstmCluster.Compute.Tests;

/// <summary>Host memory whose first or last element touches a page that may neither be read nor written: one element too far ends the process.</summary>
/// <remarks>Run the test program itself, rather than <c>dotnet test</c>, to see the stack of the kernel that went too far.</remarks>
sealed partial class GuardedMemory : MemoryManager<float>
{
    const int NoAccess = 0, ReadWrite = 1 | 2, PrivateAnonymous = 2 | 0x20;
    static readonly nint Failed = -1;

    readonly nint _mapping;
    readonly nint _mappedBytes;
    readonly nint _start;
    readonly int _length;

    public GuardedMemory(int length, Placement placement)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "guard pages are mapped with Linux' mmap; overruns are NOT checked on this system");
        nint page = Environment.SystemPageSize;
        var bytes = (nint)length * sizeof(float);
        var usable = Math.Max(page, (bytes + page - 1) / page * page);
        _length = length;
        _mappedBytes = usable + (2 * page);
        _mapping = Map(0, _mappedBytes, ReadWrite, PrivateAnonymous, -1, 0);
        if (_mapping == Failed || Protect(_mapping, page, NoAccess) != 0 || Protect(_mapping + page + usable, page, NoAccess) != 0)
            throw new InvalidOperationException($"mmap or mprotect failed with error {Marshal.GetLastPInvokeError()}");
        _start = placement == Placement.AfterGuardPage ? _mapping + page : _mapping + page + usable - bytes;
    }

    public override unsafe Span<float> GetSpan() => new((void*)_start, _length);

    public override unsafe MemoryHandle Pin(int elementIndex = 0) => new((float*)_start + elementIndex, pinnable: this);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing) => _ = Unmap(_mapping, _mappedBytes);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nint length);
}
