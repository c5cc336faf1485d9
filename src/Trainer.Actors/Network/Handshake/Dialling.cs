using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace LstmCluster.Actors;

/// <summary>One attempt to connect to another node: both connections, one after the other, on a thread of its own.</summary>
static class Dialling
{
    /// <exception cref="HandshakeException">The other side refused.</exception>
    /// <exception cref="TimeoutException">The handshake took too long.</exception>
    public static Task<Link> DialAsync(NetworkNode node, EndPoint endpoint, CancellationToken cancellation) =>
        Task.Factory.StartNew(() => RunAsync(node, endpoint, cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    static async Task<Link> RunAsync(NetworkNode node, EndPoint endpoint, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(node.Options.HandshakeTimeout, node.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        Stream? control = null, tensors = null;
        try
        {
            control = await OpenAsync(node, endpoint, both.Token).ConfigureAwait(false);
            var hello = new Hello(node.Codec.Version, ConnectionRole.Control, node.Id, node.Options.Token, Guid.Empty, Limits.Of(node.Options));
            var welcome = await HandshakeFrames.GreetAsync(control, hello, both.Token).ConfigureAwait(false);
            if (!welcome.Limits.IsUsable) throw new HandshakeException(RefusalReason.Limits, $"limits that leave no room: {welcome.Limits}", welcome.Node);
            if (node.Objection(welcome.Node, dialled: true) is { } objection) throw objection;
            tensors = await OpenAsync(node, endpoint, both.Token).ConfigureAwait(false);
            var second = await HandshakeFrames
                .GreetAsync(tensors, hello with { Role = ConnectionRole.Tensors, Session = welcome.Session }, both.Token).ConfigureAwait(false);
            if (second.Node != welcome.Node) throw new FrameException($"the second connection reached {second.Node}, the first {welcome.Node}");
            var link = new Link(control, tensors, welcome.Node, Limits.Of(node.Options).And(welcome.Limits), Dialled: true);
            (control, tensors) = (null, null);
            return link;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"no handshake with {endpoint} within {node.Options.HandshakeTimeout.TotalSeconds:0.###} s");
        }
        catch (FrameException malformed)
        {
            throw new HandshakeException(malformed.Refusal, $"{endpoint} does not answer as a node: {malformed.Message}");
        }
        catch (AuthenticationException failed)
        {
            throw new HandshakeException(RefusalReason.Certificate, $"{endpoint} does not answer with TLS 1.3: {failed.Message}");
        }
        finally
        {
            if (control is not null) await control.DisposeAsync().ConfigureAwait(false);
            if (tensors is not null) await tensors.DisposeAsync().ConfigureAwait(false);
        }
    }

    static async Task<Stream> OpenAsync(NetworkNode node, EndPoint endpoint, CancellationToken cancellation)
    {
        if (node.Options.UsesLocalSockets && LocalSocket.TryConnect(endpoint) is { } local) return new SocketStream(local);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            Connect(socket, endpoint, cancellation);
            stream = new SocketStream(socket);
            if (node.Options.Security is not { } security) return stream;
            var secure = new SecureStream(stream);
            stream = secure;
            await security.DialAsync(secure, cancellation).ConfigureAwait(false);
            return secure;
        }
        catch
        {
            if (stream is not null) await stream.DisposeAsync().ConfigureAwait(false);
            socket.Dispose();
            throw;
        }
    }

    static void Connect(Socket socket, EndPoint endpoint, CancellationToken cancellation)
    {
        using var closing = cancellation.UnsafeRegister(static socket => ((Socket)socket!).Dispose(), socket);
        try
        {
            socket.Connect(endpoint);
        }
        catch (Exception given) when (given is SocketException or ObjectDisposedException && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
    }
}
