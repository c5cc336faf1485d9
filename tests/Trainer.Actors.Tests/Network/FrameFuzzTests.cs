using System.Globalization;
using Cluster.Support;

namespace LstmCluster.Actors.Tests;

/// <summary>Whatever bytes a peer or a stranger sends: no crash, no hang, no payload that is not given back.</summary>
/// <remarks>Set LSTMCLUSTER_FUZZ to the number of cases for more than the usual ones.</remarks>
public sealed class FrameFuzzTests : IAsyncLifetime
{
    const int MaxPayloadBytes = 4096;

    static readonly int Cases = int.Parse(Environment.GetEnvironmentVariable("LSTMCLUSTER_FUZZ") ?? "20000", CultureInfo.InvariantCulture) / 2;

    readonly TestNode _node = new("node", options => options with { MaxPayloadBytes = MaxPayloadBytes, MaxHalfOpen = 10_000 });
    ActorRef _receiver = null!;
    int _received;

    public ValueTask InitializeAsync()
    {
        _receiver = Receiver();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    ActorRef Receiver() => _node.Runtime.Spawn($"receiver-{Guid.NewGuid()}", () => new TestActor
    {
        OnMessage = (message, _) =>
        {
            message.Release();
            _received++;
        },
    }, new ActorOptions { MailboxCapacity = 1 << 20 });

    [Fact]
    public async Task Sessions_survive_any_bytes()
    {
        var limits = Limits.Of(_node.Node.Options);
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var (control, tensors) = Script(random);
            using var link = new Link(
                new ScriptedStream(control, new Random(seed), hangsUp: true), new ScriptedStream(tensors, new Random(~seed), hangsUp: false),
                new NodeId($"peer-{seed}", 1), limits, Dialled: false);
            var session = _node.Node.Admit(link);
            session.Open();
            try
            {
                await session.Ended.InTime();
            }
            catch (TimeoutException)
            {
                throw new TimeoutException($"the session of seed {seed} does not end");
            }

            if (_node.Runtime.Failure.IsCompleted) throw new InvalidOperationException($"seed {seed} broke the runtime", await _node.Runtime.Failure);
            if (((ActorCell)_receiver).IsStopped) _receiver = Receiver();
        }

        await Wait.Until(() => _node.Pool.Rented == 0);
        _received.ShouldBeGreaterThan(Cases / 2);
        _node.Node.Statistics.MalformedConnections.ShouldBeInRange(Cases / 2, Cases - 1);
        _node.Node.Connected.ShouldBeEmpty();
    }

    [Fact]
    public async Task Handshakes_survive_any_bytes()
    {
        const int atATime = 200;
        for (var first = 0; first < Cases; first += atATime)
        {
            var strangers = Enumerable.Range(first, atATime).Select(seed =>
            {
                var random = new Random(seed);
                var role = (ConnectionRole)random.Next(1, 3);
                var hello = RawPeer.Frame(FrameKind.Hello, 0, (RawPeer.Greeting($"peer-{seed}") with { Role = role }).Write);
                if (random.Next(20) != 0) hello = random.Next(2) == 0 ? Mutations.Mutate(hello, random) : Reseal(hello, random);
                return _node.Node.Doorkeeper.ReceiveAsync(new ScriptedStream(hello, random, hangsUp: random.Next(2) == 0), null, CancellationToken.None);
            }).ToArray();
            await Wait.Until(() => strangers.Count(stranger => stranger.IsCompleted) + _node.Node.HalfOpen == atATime);
            _node.Time.Advance(_node.Node.Options.HandshakeTimeout);
            await Task.WhenAll(strangers).InTime();
        }

        _node.Node.Statistics.ConnectionsRefused.ShouldBe(Cases);
        _node.Node.Statistics.MalformedConnections.ShouldBeGreaterThan(Cases / 2);
        _node.Node.HalfOpen.ShouldBe(0);
    }

    [Fact]
    public async Task Whoever_dials_survives_any_answer()
    {
        var welcome = RawPeer.Frame(FrameKind.Welcome, 0, new Welcome(new NodeId("listener", 1), Guid.NewGuid(), Limits.Of(_node.Node.Options)).Write);
        var refusal = RawPeer.Frame(FrameKind.Refused, 0, buffer => Greeting.WriteRefusal(buffer, RefusalReason.NameInUse, "somebody has this name", new NodeId("listener", 1)));
        int taken = 0, refused = 0;
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var right = random.Next(2) == 0 ? welcome : refusal;
            var answer = random.Next(8) == 0 ? right : random.Next(2) == 0 ? Mutations.Mutate(right, random) : Reseal(right, random);
            await using var stream = new ScriptedStream(answer, random, hangsUp: true);
            try
            {
                await HandshakeFrames.GreetAsync(stream, RawPeer.Greeting(), CancellationToken.None).AsTask().InTime();
                taken++;
            }
            catch (HandshakeException)
            {
                refused++;
            }
            catch (Exception wrong) when (wrong is FrameException or IOException)
            {
                // What whoever dials waits a moment for, and tries again.
            }
        }

        taken.ShouldBeInRange(Cases / 32, Cases / 2);
        refused.ShouldBeInRange(Cases / 32, Cases / 2);
    }

    /// <summary>What a peer may send in its life, and in most lives something wrong in one place.</summary>
    (byte[] Control, byte[] Tensors) Script(Random random)
    {
        var control = new List<byte[]>();
        var tensors = new List<byte[]>();
        var frames = random.Next(1, 12);
        for (var i = 0; i < frames; i++)
        {
            var number = (ulong)control.Count + 1;
            control.Add(random.Next(8) switch
            {
                0 or 1 => RawPeer.Frame(FrameKind.Message, number, buffer => RawPeer.Message(buffer, _receiver, (ulong)random.Next(3), kind: 1, value: i)),
                2 or 3 => WithPayload(number),
                4 => RawPeer.Frame(FrameKind.Alive, number, buffer => buffer.Block(new byte[16])),
                5 => RawPeer.Frame(FrameKind.Watch, number, buffer => MessageFrame.WriteActor(buffer, ((ActorCell)_receiver).Id, _receiver.Path)),
                6 => RawPeer.Frame(FrameKind.Lookup, number, buffer =>
                {
                    buffer.UInt64(1);
                    buffer.Text(_receiver.Path, 1000);
                }),
                _ => RawPeer.Frame(FrameKind.NoRoom, number, buffer =>
                {
                    buffer.UInt64(0);
                    MessageFrame.WriteActor(buffer, 1, "/there");
                    buffer.Text("full", 1000);
                }),
            });
        }

        switch (random.Next(6))
        {
            case 0:
                return ([.. control.SelectMany(frame => frame)], [.. tensors.SelectMany(frame => frame)]);
            case 1:
                return (Mutations.Mutate([.. control.SelectMany(frame => frame)], random), [.. tensors.SelectMany(frame => frame)]);
            case 2:
                return ([.. control.SelectMany(frame => frame)], Mutations.Mutate([.. tensors.SelectMany(frame => frame)], random));
            default:
                var at = random.Next(control.Count);
                control[at] = Reseal(control[at], random);
                return ([.. control.SelectMany(frame => frame)], [.. tensors.SelectMany(frame => frame)]);
        }

        byte[] WithPayload(ulong number)
        {
            var length = random.Next(0, 300);
            for (var rest = length * 4; rest > 0;)
            {
                var piece = new byte[Math.Min(rest, random.Next(1, 500))];
                tensors.Add(RawPeer.Frame(FrameKind.Tensor, (ulong)tensors.Count + 1, buffer => buffer.Block(piece)));
                rest -= piece.Length;
            }

            return RawPeer.Frame(FrameKind.Message, number, buffer => RawPeer.Message(buffer, _receiver, (ulong)random.Next(3), kind: 2, value: 0, (ElementType.F32, length)));
        }
    }

    /// <summary>A wrong body under right checksums: it gets further than one that is merely damaged.</summary>
    static byte[] Reseal(byte[] frame, Random random)
    {
        var body = Mutations.Mutate(frame[FrameHeader.Bytes..], random);
        var number = BitConverter.ToUInt64(frame, 16);
        return RawPeer.Frame((FrameKind)frame[5], number, buffer => buffer.Block(body));
    }
}
