using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using LstmCluster.Actors;

namespace Cluster.Tests;

/// <summary>Listens where workers look for their coordinator, and answers each with something wrong: noise, a damaged greeting, or, once they have come to terms, damaged frames of a real coordinator.</summary>
/// <remarks>What would be a refusal for good is not said: it ends a worker, as it should.</remarks>
sealed class FalseCoordinator : IAsyncDisposable
{
    const int MostNoiseBytes = 2000;
    const int MostFrames = 40;

    // Only so that a hang becomes a failure: longer than any wait of a worker, with room for a busy machine.
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly TcpListener _listener;
    readonly IReadOnlyList<RecordedFrame> _control, _tensors;
    readonly Welcome _welcome;
    readonly int _seed;
    readonly CancellationTokenSource _closing = new();
    readonly ConcurrentDictionary<Guid, TaskCompletionSource<Socket>> _waiting = new();
    readonly Task _accepting;
    int _attacks, _said;

    /// <summary>Listens.</summary>
    /// <param name="endpoint">Where.</param>
    /// <param name="control">What a real coordinator said over its control connection, the greeting first.</param>
    /// <param name="tensors">What it said over the other.</param>
    /// <param name="seed">Draws what is said.</param>
    public FalseCoordinator(IPEndPoint endpoint, IReadOnlyList<RecordedFrame> control, IReadOnlyList<RecordedFrame> tensors, int seed)
    {
        (_control, _tensors, _seed, _welcome) = (control, tensors, seed, Welcome.Read(control[0].Body));
        _listener = new TcpListener(endpoint);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Wrong frames, greetings and pieces of noise so far.</summary>
    public int Said => Volatile.Read(ref _said);

    /// <summary>Connections of workers so far, without their second ones.</summary>
    public int Attacks => Volatile.Read(ref _attacks);

    /// <summary>Waits until so much was said.</summary>
    /// <exception cref="TimeoutException">A worker did not hang up, or nobody comes any more.</exception>
    public async Task UntilAsync(int said)
    {
        var (before, since) = (Said, WatchedProcess.Now);
        while (Said < said)
        {
            // It ends only when it fails.
            if (await Task.WhenAny(_accepting, Task.Delay(100)) == _accepting) await _accepting;
            if (Said != before) (before, since) = (Said, WatchedProcess.Now);
            if (WatchedProcess.Now - since > Limit) throw new TimeoutException($"nobody comes any more after {Said} wrong frames");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        await _accepting;
        _closing.Dispose();
    }

    async Task AcceptAsync()
    {
        var talks = new List<Task>();
        try
        {
            while (true)
            {
                var accepted = _listener.AcceptSocketAsync(_closing.Token).AsTask();
                while (await Task.WhenAny([accepted, .. talks]) is var done && done != accepted)
                {
                    talks.Remove(done);
                    await done;
                }

                talks.Add(TalkAsync(await accepted));
            }
        }
        catch (Exception closed) when (closed is OperationCanceledException or SocketException && _closing.IsCancellationRequested)
        {
            foreach (var waiting in _waiting.Values) waiting.TrySetCanceled();
            await Task.WhenAll(talks);
        }
    }

    async Task TalkAsync(Socket socket)
    {
        var isHandedOver = false;
        try
        {
            if (await HelloAsync(socket) is not { } hello) return;
            if (hello.Role == ConnectionRole.Tensors)
            {
                // The first connection's talk goes on with both.
                isHandedOver = _waiting.TryRemove(hello.Session, out var first) && first.TrySetResult(socket);
                return;
            }

            var attack = Interlocked.Increment(ref _attacks);
            var random = new Random(_seed + attack);
            switch (random.Next(8))
            {
                case 0: await SayAsync(socket, Noise(random)); break;
                case 1: await SayAsync(socket, Mutations.Mutate(FrameOf(_welcome).ToBytes(0), random)); break;
                case 2: await SayAsync(socket, new RecordedFrame(FrameKind.Welcome, Damaged(random)).ToBytes(0)); break;
                case 3: await SayAsync(socket, Refusal(random)); break;
                default: await JoinAndSayAsync(socket, attack, random); break;
            }
        }
        finally
        {
            if (!isHandedOver) socket.Dispose();
        }
    }

    async Task SayAsync(Socket socket, byte[] bytes)
    {
        await SendAsync(socket, bytes);
        await HungUpAsync(socket);
        Interlocked.Increment(ref _said);
    }

    async Task JoinAndSayAsync(Socket control, int attack, Random random)
    {
        var welcome = _welcome with { Node = new NodeId("coordinator", (ulong)attack), Session = Guid.NewGuid() };
        var second = _waiting[welcome.Session] = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        await SendAsync(control, FrameOf(welcome).ToBytes(0));
        Socket tensors;
        try
        {
            tensors = await second.Task.WaitAsync(Limit);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        using var handedOver = tensors;
        await SendAsync(tensors, FrameOf(welcome).ToBytes(0));
        var (said, wrong) = (new List<byte>(), 0);
        var count = random.Next(1, MostFrames);
        for (var number = 1ul; number <= (ulong)count; number++)
        {
            var frame = _control[random.Next(1, _control.Count)];
            switch (random.Next(3))
            {
                case 0:
                    said.AddRange(frame.ToBytes(number));
                    break;
                case 1:
                    // Under right checksums it gets further than one that is merely damaged.
                    said.AddRange(frame.ToBytes(number, Mutations.Mutate(frame.Body, random)));
                    wrong++;
                    break;
                case 2:
                    said.AddRange(Mutations.Mutate(frame.ToBytes(number), random));
                    wrong++;
                    break;
            }
        }

        var content = _tensors.Count > 1 ? _tensors[random.Next(1, _tensors.Count)].ToBytes(1) : [];
        await Task.WhenAll(SendAsync(control, [.. said]), SendAsync(tensors, random.Next(4) == 0 ? Mutations.Mutate(content, random) : content));
        await Task.WhenAll(HungUpAsync(control), HungUpAsync(tensors));
        Interlocked.Add(ref _said, wrong);
    }

    /// <summary>A wrong greeting under right checksums that a worker does not take for a refusal for good.</summary>
    byte[] Damaged(Random random)
    {
        while (true)
        {
            var body = Mutations.Mutate(FrameOf(_welcome).Body, random);
            try
            {
                if (Welcome.Read(body).Limits.IsUsable) return body;
            }
            catch (FrameException malformed) when (malformed.Refusal == RefusalReason.Malformed)
            {
                return body;
            }
            catch (FrameException)
            {
                // That of another protocol.
            }
        }
    }

    byte[] Refusal(Random random)
    {
        RefusalReason[] passing = [RefusalReason.NameInUse, RefusalReason.AlreadyConnected, RefusalReason.UnknownSession, RefusalReason.ShuttingDown];
        var buffer = new FrameBuffer();
        Greeting.WriteRefusal(buffer, passing[random.Next(passing.Length)], new string('x', random.Next(1, 200)), _welcome.Node);
        return Mutations.Mutate(new RecordedFrame(FrameKind.Refused, buffer.Written.ToArray()).ToBytes(0), random);
    }

    static byte[] Noise(Random random)
    {
        var noise = new byte[random.Next(1, MostNoiseBytes)];
        random.NextBytes(noise);
        return noise;
    }

    static RecordedFrame FrameOf(Welcome welcome)
    {
        var buffer = new FrameBuffer();
        welcome.Write(buffer);
        return new RecordedFrame(FrameKind.Welcome, buffer.Written.ToArray());
    }

    static async Task<Hello?> HelloAsync(Socket socket)
    {
        try
        {
            using var limit = new CancellationTokenSource(Limit);
            await using var stream = new NetworkStream(socket, ownsSocket: false);
            var (_, body) = await HandshakeFrames.ReadAsync(stream, limit.Token);
            return Hello.Read(body);
        }
        catch (IOException)
        {
            // It has thought better of it.
            return null;
        }
    }

    static async Task SendAsync(Socket socket, byte[] bytes)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length;) sent += await socket.SendAsync(bytes.AsMemory(sent)).AsTask().WaitAsync(Limit);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It has had enough already.
        }
    }

    /// <summary>Nothing more is said; the worker has to notice and hang up.</summary>
    static async Task HungUpAsync(Socket socket)
    {
        var buffer = new byte[4096];
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(buffer).WaitAsync(Limit) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // A reset is an end, too.
        }
    }
}
