using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Cluster.Support;

/// <summary>Signals to processes, by Linux's numbers.</summary>
public enum Signal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>Sends signals without a process of its own for it, so that the moment is the one that was meant.</summary>
[UnsupportedOSPlatform("windows")]
public static class Signals
{
    const int NoSuchProcess = 3;

    /// <summary>Sends a signal.</summary>
    /// <returns>False when the process is gone.</returns>
    /// <exception cref="Win32Exception">It may not be sent one.</exception>
    public static bool TrySend(this Process process, Signal signal)
    {
        ArgumentNullException.ThrowIfNull(process);
        if (NativeMethods.Kill(process.Id, (int)signal) == 0) return true;
        var error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess ? false : throw new Win32Exception(error);
    }

    static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Kill(int process, int signal);
    }
}
