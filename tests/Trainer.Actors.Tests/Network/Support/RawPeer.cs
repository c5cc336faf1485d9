using System.Net;
using System.Net.Sockets;

namespace LstmCluster.Actors.Tests;

/// <summary>A peer that writes its own bytes, so that it can say what no node says.</summary>
sealed class RawPeer : IDisposable
{
    static readonly TimeSpan Safety = TimeSpan.FromSeconds(30);

    ulong _controlFrames, _tensorFrames;
    FrameReader? _reader;

    RawPeer(NetworkStream control) => Control = control;

    public NetworkStream Control { get; }

    public NetworkStream Tensors { get; private set; } = null!;

    public Guid Session { get; private set; }

    public static async Task<NetworkStream> ConnectAsync(IPEndPoint to)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(to).WaitAsync(Safety);
        return new NetworkStream(socket, ownsSocket: true);
    }

    public static Hello Greeting(string name = "raw", ulong incarnation = 1, string token = "job", int codec = 1, Limits? limits = null) =>
        new(codec, ConnectionRole.Control, new NodeId(name, incarnation), token, Guid.Empty, limits ?? new Limits(4096, 1 << 24, 1 << 20, 1 << 30));

    /// <summary>Goes through the handshake as a well-behaved peer.</summary>
    public static async Task<RawPeer> JoinAsync(IPEndPoint to, Hello? hello = null)
    {
        hello ??= Greeting();
        var peer = new RawPeer(await ConnectAsync(to));
        var welcome = await HandshakeFrames.GreetAsync(peer.Control, hello, CancellationToken.None).AsTask().WaitAsync(Safety);
        peer.Session = welcome.Session;
        peer.Tensors = await ConnectAsync(to);
        await HandshakeFrames.GreetAsync(peer.Tensors, hello with { Role = ConnectionRole.Tensors, Session = welcome.Session }, CancellationToken.None).AsTask().WaitAsync(Safety);
        peer._reader = new FrameReader(peer.Control, 1 << 20, () => { });
        return peer;
    }

    public Task SendAsync(FrameKind kind, Action<FrameBuffer> body) => WriteAsync(Control, Frame(kind, ++_controlFrames, body));

    public Task SendTensorAsync(params byte[] content) => WriteAsync(Tensors, Frame(FrameKind.Tensor, ++_tensorFrames, buffer => buffer.Block(content)));

    /// <summary>A message whose content is that of <see cref="TestCodec"/>.</summary>
    public Task SendMessageAsync(ActorRef target, ulong sender, byte kind, long value, params (ElementType Type, int Length)[] payloads) =>
        SendAsync(FrameKind.Message, buffer => Message(buffer, target, sender, kind, value, payloads));

    public static void Message(FrameBuffer buffer, ActorRef target, ulong sender, byte kind, long value, params (ElementType Type, int Length)[] payloads)
    {
        MessageFrame.WriteActor(buffer, ((ActorCell)target).Id, target.Path);
        MessageFrame.WriteActor(buffer, sender, sender == 0 ? "/" : $"/sender-{sender}");
        buffer.UInt32(9);
        buffer.Byte(kind);
        buffer.UInt64((ulong)value);
        buffer.UInt16((ushort)payloads.Length);
        foreach (var (type, length) in payloads)
        {
            buffer.Byte((byte)type);
            buffer.UInt32((uint)length);
        }
    }

    public static byte[] Frame(FrameKind kind, ulong number, Action<FrameBuffer> body)
    {
        var buffer = new FrameBuffer();
        var start = buffer.BeginFrame();
        body(buffer);
        buffer.EndFrame(start, kind, number);
        return buffer.Written.ToArray();
    }

    /// <summary>The next frame of the node that is of one kind.</summary>
    public async Task<byte[]> ReadAsync(FrameKind kind)
    {
        while (true)
        {
            var frame = await _reader!.ReadAsync().AsTask().WaitAsync(Safety);
            if (frame.Kind == kind) return frame.Body.ToArray();
        }
    }

    /// <summary>Waits until the node has hung up.</summary>
    public static async Task ClosedAsync(Stream stream)
    {
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer).AsTask().WaitAsync(Safety) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is an end, too.
        }
    }

    public static Task WriteAsync(Stream stream, byte[] bytes) => stream.WriteAsync(bytes).AsTask().WaitAsync(Safety);

    public void Dispose()
    {
        Control.Dispose();
        Tensors?.Dispose();
    }
}
