using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;

namespace LstmCluster.Actors;

/// <summary>Takes connections from outside and leads them through the handshake: two of them make a node.</summary>
/// <remarks>Strangers are bounded in number, in time and in memory. Each has a small thread, so that it occupies nobody else's.</remarks>
sealed class Doorkeeper(NetworkNode node)
{
    readonly ConcurrentDictionary<Guid, Waiting> _waiting = new();
    readonly HandshakePlaces _places = new(node.Options.MaxHalfOpen);

    /// <summary>A control connection that waits for its tensor connection.</summary>
    sealed record Waiting(Stream Control, Hello Hello, TaskCompletionSource Joined);

    public int HalfOpen => _places.Count;

    /// <summary>Handles one connection until it belongs to a session or is closed.</summary>
    public Task ReceiveAsync(Socket socket, CancellationToken cancellation) =>
        Task.Factory.StartNew(() => RunAsync(socket, cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    async Task RunAsync(Socket socket, CancellationToken cancellation)
    {
        var from = RemoteEndPoint(socket);
        try
        {
            if (socket.AddressFamily != AddressFamily.Unix) socket.NoDelay = true;
            else if (!LocalSocket.IsOfThisUser(socket)) throw new SocketException((int)SocketError.AccessDenied);
        }
        catch (SocketException gone)
        {
            socket.Dispose();
            node.Refused(from, gone);
            return;
        }

        await ReceiveAsync(new SocketStream(socket), from, cancellation).ConfigureAwait(false);
    }

    /// <summary>The same for any kind of connection.</summary>
    public async Task ReceiveAsync(Stream stream, EndPoint? from, CancellationToken cancellation)
    {
        using var place = _places.TryTake();
        if (place is null)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            node.Refused(from, new IOException($"more than {node.Options.MaxHalfOpen} connections are in their handshake, and as many are being closed"));
            return;
        }

        using var limit = new CancellationTokenSource(node.Options.HandshakeTimeout, node.Clock);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, place.Displaced, cancellation);
        var kept = false;
        try
        {
            string? objection = null;
            if (node.Options.Security is { } security)
            {
                var plain = stream;
                var secure = new SecureStream(plain);
                stream = secure;
                objection = await SecureAsync(security, plain, secure, any.Token).ConfigureAwait(false);
            }

            kept = await GreetAsync(stream, objection, any.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            node.Refused(from, new TimeoutException($"no handshake within {node.Options.HandshakeTimeout.TotalSeconds:0.###} s"));
        }
        catch (OperationCanceledException) when (place.Displaced.IsCancellationRequested)
        {
            node.Refused(from, new IOException($"more than {node.Options.MaxHalfOpen} connections are in their handshake: a newer one took the place of this one"));
        }
        catch (Exception refused) when (refused is IOException or SocketException or FrameException or HandshakeException or AuthenticationException
            or OperationCanceledException or ObjectDisposedException)
        {
            if (refused is FrameException) node.Statistics.CountMalformed();
            node.Refused(from, refused);
        }
        finally
        {
            if (!kept) await stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    async Task<string?> SecureAsync(NetworkSecurity security, Stream plain, SslStream secure, CancellationToken cancellation)
    {
        try
        {
            return await security.ReceiveAsync(secure, cancellation).ConfigureAwait(false);
        }
        catch (AuthenticationException)
        {
            // Most likely a node without certificates, which understands this.
            await RefuseAsync(plain, RefusalReason.Certificate, $"{node.Id} takes only nodes with a certificate of its cluster, over TLS 1.3", cancellation)
                .ConfigureAwait(false);
            throw;
        }
    }

    async Task<bool> GreetAsync(Stream stream, string? untrusted, CancellationToken cancellation)
    {
        try
        {
            // Read even when there is nothing to talk about: closing with bytes unread would take the answer away from the other side.
            var (kind, body) = await HandshakeFrames.ReadAsync(stream, cancellation).ConfigureAwait(false);
            if (untrusted is not null) throw new HandshakeException(RefusalReason.Certificate, untrusted);
            if (kind != FrameKind.Hello) throw new FrameException($"{kind} frame in place of a greeting");
            var hello = Hello.Read(body);
            if (Objection(hello) is { } objection) throw objection;
            if (hello.Role == ConnectionRole.Tensors) await JoinAsync(stream, hello, cancellation).ConfigureAwait(false);
            else await WaitAsync(stream, hello, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (FrameException malformed)
        {
            await RefuseAsync(stream, malformed.Refusal, malformed.Message, cancellation).ConfigureAwait(false);
            throw;
        }
        catch (HandshakeException refusal)
        {
            await RefuseAsync(stream, refusal.Reason, refusal.Message, cancellation).ConfigureAwait(false);
            throw;
        }
    }

    HandshakeException? Objection(Hello hello)
    {
        var options = node.Options;
        if (!CryptographicOperations.FixedTimeEquals(Hash(hello.Token), Hash(options.Token)))
            return new HandshakeException(RefusalReason.Token, "the token is not that of this job");
        if (hello.CodecVersion != node.Codec.Version)
            return new HandshakeException(RefusalReason.CodecVersion, $"messages of version {hello.CodecVersion}, expected {node.Codec.Version}");
        if (!hello.Limits.IsUsable) return new HandshakeException(RefusalReason.Limits, $"limits that leave no room: {hello.Limits}");
        return node.Objection(hello.Node, dialled: false);
    }

    /// <summary>First connection: is given a number and waits for the second.</summary>
    async Task WaitAsync(Stream control, Hello hello, CancellationToken cancellation)
    {
        var session = new Guid(RandomNumberGenerator.GetBytes(16));
        var waiting = new Waiting(control, hello, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _waiting[session] = waiting;
        try
        {
            await HandshakeFrames.WriteAsync(control, FrameKind.Welcome, Answer(session).Write, cancellation).ConfigureAwait(false);
            await waiting.Joined.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch when (!_waiting.TryRemove(session, out _))
        {
            // The second connection came, at the last moment perhaps, and owns this one now: what became of both is its to say.
            await waiting.Joined.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Second connection: makes a session with the first.</summary>
    async Task JoinAsync(Stream tensors, Hello hello, CancellationToken cancellation)
    {
        if (!_waiting.TryRemove(hello.Session, out var first))
            throw new HandshakeException(RefusalReason.UnknownSession, "no control connection waits for this tensor connection");
        try
        {
            if (first.Hello.Node != hello.Node) throw new HandshakeException(RefusalReason.UnknownSession, "the control connection is that of another node");
            var link = new Link(first.Control, tensors, hello.Node, Limits.Of(node.Options).And(first.Hello.Limits), Dialled: false);
            var session = node.Admit(link);
            try
            {
                await HandshakeFrames.WriteAsync(tensors, FrameKind.Welcome, Answer(hello.Session).Write, cancellation).ConfigureAwait(false);
            }
            catch (Exception broken)
            {
                session.Close(broken);
                throw;
            }

            session.Open();
            first.Joined.SetResult();
        }
        catch (Exception refused)
        {
            first.Joined.TrySetException(refused);
            throw;
        }
    }

    Welcome Answer(Guid session) => new(node.Id, session, Limits.Of(node.Options));

    async ValueTask RefuseAsync(Stream stream, RefusalReason reason, string detail, CancellationToken cancellation)
    {
        try
        {
            await HandshakeFrames.WriteAsync(stream, FrameKind.Refused, buffer => Greeting.WriteRefusal(buffer, reason, detail, node.Id), cancellation)
                .ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Nobody listens any more; the reason is reported on this side.
        }
    }

    static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    static EndPoint? RemoteEndPoint(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
