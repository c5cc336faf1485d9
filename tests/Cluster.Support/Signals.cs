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
    /// <summary>Sends a signal.</summary>
    /// <exception cref="Win32Exception">The process is gone.</exception>
    public static void Send(this Process process, Signal signal)
    {
        ArgumentNullException.ThrowIfNull(process);
        if (NativeMethods.Kill(process.Id, (int)signal) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Kill(int process, int signal);
    }
}
