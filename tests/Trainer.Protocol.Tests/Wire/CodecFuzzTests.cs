using System.Globalization;
using LstmCluster.Actors;

namespace LstmCluster.Protocol.Tests;

/// <summary>Whatever the bytes: a message that is one, or a refusal, and no payload that is not given back.</summary>
/// <remarks>Set LSTMCLUSTER_FUZZ to the number of cases for more than the usual ones.</remarks>
public sealed class CodecFuzzTests : IAsyncLifetime
{
    static readonly int Cases = int.Parse(Environment.GetEnvironmentVariable("LSTMCLUSTER_FUZZ") ?? "20000", CultureInfo.InvariantCulture);

    readonly CodecLoop _loop = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    [Fact]
    public void Mutated_messages_are_read_or_refused()
    {
        Type[] types =
        [
            typeof(WorkerJoined), typeof(AssignShards), typeof(ShardsDone), typeof(PushGradient), typeof(GradientRejected),
            typeof(ApplyStep), typeof(WeightsPublished), typeof(SnapshotTaken),
        ];
        var (read, refused) = (0, 0);
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var sent = new MessageMaker(_loop, random).Make(types[random.Next(types.Length)]);
            var (body, payloads) = _loop.Write(sent);
            List<IWirePayload> crossed = [.. payloads.Select(_loop.Cross)];
            sent.Release();
            Mutate(ref body, crossed, random);
            try
            {
                var message = _loop.Read(body, [.. crossed]);
                read++;

                // What was read can be said again.
                _loop.Write(message);
                message.Release();
            }
            catch (MessageFormatException)
            {
                refused++;
            }
            catch (Exception other)
            {
                throw new InvalidOperationException($"seed {seed}: {other}", other);
            }

            if (_loop.Pool.Rented != 0) throw new InvalidOperationException($"seed {seed}: {_loop.Pool.Rented} payloads are left");
        }

        read.ShouldBeGreaterThan(Cases / 20);
        refused.ShouldBeGreaterThan(Cases / 4);
    }

    void Mutate(ref byte[] body, List<IWirePayload> payloads, Random random)
    {
        switch (random.Next(8))
        {
            case 0:
                payloads.Add(random.Next(2) == 0 ? _loop.Pool.Rent<float>(random.Next(3)) : _loop.Pool.Rent<byte>(random.Next(3)));
                return;
            case 1 when payloads.Count > 0:
                var at = random.Next(payloads.Count);
                payloads[at].Release();
                payloads.RemoveAt(at);
                return;
            case 2:
                random.NextBytes(body);
                return;
        }

        var bytes = new List<byte>(body);
        for (var left = random.Next(1, 4); left > 0 && bytes.Count > 0; left--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.Next(1, 8)));
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(bytes.Count - at, random.Next(1, 8))));
                    break;
                case 3:
                    bytes.InsertRange(at, Enumerable.Repeat((byte)0xFF, random.Next(1, 12)));
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }
        }

        body = [.. bytes];
    }
}
