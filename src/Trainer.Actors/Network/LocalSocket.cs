using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace LstmCluster.Actors;

/// <summary>
/// The socket that stands beside a loopback listener for processes of the same machine and user: bytes pass there without TCP's segments, acknowledgements and
/// checksums, which costs both sides about half of the processor time.
/// </summary>
/// <remarks>
/// Linux only: its abstract names belong to the network namespace, as ports do, and go away with the process. Such a name can be taken by any user, so both sides
/// ask the system who is there, and use TCP unless it is the same user. With TLS there is none: what is encrypted is to be seen on the wire.
/// </remarks>
static partial class LocalSocket
{
    /// <summary>The name beside an address.</summary>
    /// <returns>Null where there is none.</returns>
    public static UnixDomainSocketEndPoint? Beside(EndPoint endpoint) =>
        OperatingSystem.IsLinux() && endpoint is IPEndPoint ip && IPAddress.IsLoopback(ip.Address) ? new UnixDomainSocketEndPoint($"\0lstm-cluster:{ip}") : null;

    /// <summary>Listens beside an address.</summary>
    /// <returns>Null where that cannot be; then there is TCP.</returns>
    public static Socket? Listen(IPEndPoint endpoint, int backlog)
    {
        if (Beside(endpoint) is not { } name) return null;
        var socket = Create();
        try
        {
            socket.Bind(name);
            socket.Listen(backlog);
            return socket;
        }
        catch (SocketException)
        {
            // Somebody has the name. They cannot do anything with it: who dials looks who they are.
            socket.Dispose();
            return null;
        }
    }

    /// <summary>Connects to the same user's process that listens at an address, at once: there is nothing to wait for that somebody could tire of.</summary>
    /// <returns>Null where none does, or it does not take connections as fast as they come; then there is TCP.</returns>
    public static Socket? TryConnect(EndPoint endpoint)
    {
        if (Beside(endpoint) is not { } name) return null;
        var socket = Create();
        try
        {
            // Where more are waiting than the other side has room for, the kernel would let this thread sleep until they are taken, and nothing wakes it.
            socket.Blocking = false;
            socket.Connect(name);
            if (IsOfThisUser(socket)) return socket;
        }
        catch (SocketException)
        {
            // Nobody listens there, or not in this way.
        }

        socket.Dispose();
        return null;
    }

    /// <summary>Whether the other side's process is run by the same user.</summary>
    /// <exception cref="SocketException">The system does not tell.</exception>
    public static bool IsOfThisUser(Socket socket)
    {
        // Linux: SOL_SOCKET, SO_PEERCRED, struct ucred { pid, uid, gid }.
        const int level = 1, peerCredentials = 17, userOffset = sizeof(int);
        Span<byte> credentials = stackalloc byte[3 * sizeof(int)];
        return socket.GetRawSocketOption(level, peerCredentials, credentials) == credentials.Length
            && BinaryPrimitives.ReadUInt32LittleEndian(credentials[userOffset..]) == EffectiveUser();
    }

    static Socket Create() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint EffectiveUser();
}
