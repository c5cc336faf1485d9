using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;

namespace LstmCluster.Actors;

/// <summary>The time there and back of a connection, as the operating system has measured it from its acknowledgements: no byte is sent for it.</summary>
static class TcpRoundTrip
{
    // Linux: IPPROTO_TCP, TCP_INFO, and where struct tcp_info of <linux/tcp.h> has tcpi_rtt, in microseconds.
    const int Level = 6, Option = 11, Offset = 68;

    /// <summary>The smoothed round trip; null where the system does not tell.</summary>
    public static TimeSpan? Of(Stream stream)
    {
        if (!OperatingSystem.IsLinux()) return null;
        if (stream is SecureStream secure) stream = secure.Transport;
        if (stream is not SocketStream { Socket: var socket }) return null;
        Span<byte> info = stackalloc byte[Offset + sizeof(uint)];
        try
        {
            if (socket.GetRawSocketOption(Level, Option, info) < info.Length) return null;
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            return null;
        }

        return TimeSpan.FromMicroseconds(BinaryPrimitives.ReadUInt32LittleEndian(info[Offset..]));
    }
}

/// <summary>A TLS connection that says what it runs over.</summary>
/// <param name="inner">What it runs over.</param>
sealed class SecureStream(Stream inner) : SslStream(inner)
{
    /// <summary>What it runs over.</summary>
    public Stream Transport => InnerStream;
}
