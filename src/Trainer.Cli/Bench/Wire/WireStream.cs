using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace LstmCluster.Cli.Bench;

/// <summary>What nodes are measured against: a blocking socket, with TLS or without, that one thread at each end writes and reads.</summary>
sealed class WireStream : IDisposable
{
    const int OrderBytes = 12;

    readonly Stream _stream;
    byte[][] _buffers = [];

    WireStream(Stream stream) => _stream = stream;

    /// <summary>The other side: takes one connection on loopback and does what it is asked for, until it is closed.</summary>
    /// <returns>The port.</returns>
    public static int Serve(X509Certificate2? certificate)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        new Thread(() => Run(listener, certificate)) { IsBackground = true, Name = "plain" }.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>This side: connects.</summary>
    /// <param name="port">The port.</param>
    /// <param name="certificate">Of the other side, for TLS; null for none.</param>
    public static WireStream Connect(int port, X509Certificate2? certificate)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        var stream = new NetworkStream(socket, ownsSocket: true);
        if (certificate is null) return new WireStream(stream);
        var secure = new SslStream(stream, leaveInnerStreamOpen: false, (_, other, _, _) => other?.GetCertHashString() == certificate.GetCertHashString());
        secure.AuthenticateAsClient(new SslClientAuthenticationOptions { TargetHost = "far", EnabledSslProtocols = SslProtocols.Tls13 });
        return new WireStream(secure);
    }

    /// <summary>Ticks of each of so many round trips.</summary>
    public long[] Trips(int count)
    {
        Ask(count, 0);
        var ticks = new long[count];
        var ball = new byte[WireLoad.MessageBytes];
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            _stream.Write(ball);
            _stream.ReadExactly(ball);
            ticks[i] = Stopwatch.GetTimestamp() - start;
        }

        return ticks;
    }

    /// <summary>Ticks until so many tensors were read on the other side.</summary>
    public long Copy(WireLoad load)
    {
        Prepare(load.PayloadBytes);
        var start = Stopwatch.GetTimestamp();
        Ask(load.Payloads, load.PayloadBytes);
        for (var i = 0; i < load.Payloads; i++) _stream.Write(_buffers[i % _buffers.Length]);
        _stream.ReadExactly(new byte[1]);
        return Stopwatch.GetTimestamp() - start;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    void Prepare(int bytes)
    {
        if (_buffers.Length > 0 && _buffers[0].Length == bytes) return;
        _buffers = [.. Enumerable.Range(0, WireLoad.Window).Select(_ => GC.AllocateArray<byte>(bytes, pinned: true))];
    }

    void Ask(int count, int bytes)
    {
        Span<byte> order = stackalloc byte[OrderBytes];
        BinaryPrimitives.WriteInt32LittleEndian(order, count);
        BinaryPrimitives.WriteInt32LittleEndian(order[4..], bytes);
        _stream.Write(order);
    }

    static void Run(TcpListener listener, X509Certificate2? certificate)
    {
        try
        {
            var socket = listener.AcceptSocket();
            listener.Stop();
            socket.NoDelay = true;
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (certificate is not null)
            {
                var secure = new SslStream(stream);
                secure.AuthenticateAsServer(new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = SslProtocols.Tls13 });
                stream = secure;
            }

            using var served = new WireStream(stream);
            while (served.Answer())
            {
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException or AuthenticationException)
        {
            // The measurement is over, or never began; its own side says so.
        }
    }

    bool Answer()
    {
        Span<byte> order = stackalloc byte[OrderBytes];
        if (_stream.ReadAtLeast(order, order.Length, throwOnEndOfStream: false) < order.Length) return false;
        var (count, bytes) = (BinaryPrimitives.ReadInt32LittleEndian(order), BinaryPrimitives.ReadInt32LittleEndian(order[4..]));
        if (bytes == 0)
        {
            var ball = new byte[WireLoad.MessageBytes];
            for (var i = 0; i < count; i++)
            {
                _stream.ReadExactly(ball);
                _stream.Write(ball);
            }

            return true;
        }

        Prepare(bytes);
        for (var i = 0; i < count; i++) _stream.ReadExactly(_buffers[i % _buffers.Length]);
        _stream.Write([1]);
        return true;
    }
}
