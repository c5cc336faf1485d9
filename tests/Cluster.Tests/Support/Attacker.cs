using System.Net;
using System.Net.Sockets;
using LstmCluster.Actors;

namespace Cluster.Tests;

/// <summary>Dials a process and says something wrong: noise, a damaged greeting, or, once it was let in, damaged frames of a real worker.</summary>
/// <param name="target">Where the process listens.</param>
/// <param name="control">What a real worker said over its control connection, the greeting first.</param>
/// <param name="tensors">What it said over the other.</param>
sealed class Attacker(IPEndPoint target, IReadOnlyList<RecordedFrame> control, IReadOnlyList<RecordedFrame> tensors)
{
    const int MostNoiseBytes = 2000;
    const int MostFrames = 12;

    // Only so that a hang becomes a failure: longer than any wait of the process, with room for a busy machine.
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly Hello _hello = Hello.Read(control[0].Body);

    /// <summary>One attack, from the first byte until the process has hung up.</summary>
    /// <param name="seed">Draws what is said.</param>
    /// <returns>Wrong frames, greetings or pieces of noise that were said.</returns>
    /// <exception cref="TimeoutException">The process did not hang up.</exception>
    public async Task<int> AttackAsync(int seed)
    {
        var random = new Random(seed);
        try
        {
            return random.Next(8) switch
            {
                0 => await SayAsync(Noise(random)),
                1 => await SayAsync(Mutations.Mutate(ToBytes(HelloOf(seed)), random)),
                2 => await GreetAsync(Mutations.Mutate(FrameOf(HelloOf(seed)).Body, random)),
                _ => await JoinAndSayAsync(seed, random),
            };
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"attack {seed}: the process does not hang up");
        }
    }

    async Task<int> SayAsync(byte[] bytes)
    {
        using var connection = await ConnectAsync();
        await SendAsync(connection, bytes);
        await HungUpAsync(connection);
        return 1;
    }

    /// <summary>A damaged greeting under right checksums. One that is let in all the same would be waited for: it gets its second connection.</summary>
    async Task<int> GreetAsync(byte[] greeting)
    {
        using var first = await ConnectAsync();
        await SendAsync(first, new RecordedFrame(FrameKind.Hello, greeting).ToBytes(0));
        if (await AnswerAsync(first) is { Kind: FrameKind.Welcome } welcome)
        {
            using var second = await ConnectAsync();
            await SendAsync(second, ToBytes(Hello.Read(greeting) with { Role = ConnectionRole.Tensors, Session = Welcome.Read(welcome.Body).Session }));
            await HungUpAsync(second);
        }

        await HungUpAsync(first);
        return 1;
    }

    async Task<int> JoinAndSayAsync(int seed, Random random)
    {
        var hello = HelloOf(seed);
        using var first = await ConnectAsync();
        await SendAsync(first, ToBytes(hello));
        if (await AnswerAsync(first) is not { Kind: FrameKind.Welcome } welcome) return 0;
        using var second = await ConnectAsync();
        await SendAsync(second, ToBytes(hello with { Role = ConnectionRole.Tensors, Session = Welcome.Read(welcome.Body).Session }));
        if (await AnswerAsync(second) is not { Kind: FrameKind.Welcome }) return 0;

        var (said, wrong) = (new List<byte>(), 0);
        var count = random.Next(1, MostFrames);
        for (var number = 1ul; number <= (ulong)count; number++)
        {
            var frame = control[random.Next(1, control.Count)];
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

        var content = tensors.Count > 1 ? tensors[random.Next(1, tensors.Count)].ToBytes(1) : [];
        await Task.WhenAll(SendAsync(first, [.. said]), SendAsync(second, random.Next(4) == 0 ? Mutations.Mutate(content, random) : content));
        await Task.WhenAll(HungUpAsync(first), HungUpAsync(second));
        return wrong;
    }

    Hello HelloOf(int seed) => _hello with { Node = new NodeId($"stranger-{seed}", (ulong)seed) };

    static byte[] ToBytes(Hello hello) => FrameOf(hello).ToBytes(0);

    static RecordedFrame FrameOf(Hello hello)
    {
        var buffer = new FrameBuffer();
        hello.Write(buffer);
        return new RecordedFrame(FrameKind.Hello, buffer.Written.ToArray());
    }

    static byte[] Noise(Random random)
    {
        var noise = new byte[random.Next(1, MostNoiseBytes)];
        random.NextBytes(noise);
        return noise;
    }

    async Task<Socket> ConnectAsync()
    {
        // Without lingering the port is free again at once; a million of them would otherwise be used up.
        var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, LingerState = new LingerOption(true, 0) };
        await socket.ConnectAsync(target).WaitAsync(Limit);
        return socket;
    }

    static async Task SendAsync(Socket socket, byte[] bytes)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length;) sent += await socket.SendAsync(bytes.AsMemory(sent)).AsTask().WaitAsync(Limit);
        }
        catch (SocketException)
        {
            // It has had enough already.
        }
    }

    static async Task<RecordedFrame?> AnswerAsync(Socket socket)
    {
        try
        {
            using var limit = new CancellationTokenSource(Limit);
            await using var stream = new NetworkStream(socket, ownsSocket: false);
            var (kind, body) = await HandshakeFrames.ReadAsync(stream, limit.Token);
            return new RecordedFrame(kind, body);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException("no answer");
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Nothing more is said; the process has to notice and hang up.</summary>
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
