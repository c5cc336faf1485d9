using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using LstmCluster.Actors;

namespace LstmCluster.Protocol.Tests;

public sealed class TrainerCodecTests : IAsyncLifetime
{
    /// <summary>Messages that stay within the process of the coordinator.</summary>
    static readonly Type[] Homebound =
        [typeof(WriteCheckpoint), typeof(CheckpointDone), typeof(CheckpointFailed), typeof(WriteResult), typeof(ResultWritten)];

    readonly CodecLoop _loop = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    static IEnumerable<Type> MessageTypes() =>
        typeof(TrainerCodec).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Message)) && !type.IsAbstract);

    public static TheoryData<string> Crossing() => [.. MessageTypes().Except(Homebound).Select(type => type.Name)];

    static Type TypeOf(string name) => MessageTypes().Single(type => type.Name == name);

    [Theory]
    [MemberData(nameof(Crossing))]
    public void What_is_read_is_what_was_written(string name) => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var sent = new MessageMaker(_loop, new Random(seed)).Make(TypeOf(name));
        var (body, payloads) = _loop.Write(sent);
        var got = _loop.Read(body, [.. payloads.Select(_loop.Cross)]);
        var same = Description.Of(got) == Description.Of(sent);
        sent.Release();
        got.Release();
        return same && _loop.Pool.Rented == 0;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Every_message_crosses_or_is_known_to_stay_at_home()
    {
        foreach (var type in MessageTypes())
        {
            var message = Homebound.Contains(type) ? null : new MessageMaker(_loop, new Random(1)).Make(type);
            if (message is null) continue;
            Should.NotThrow(() => _loop.Write(message), type.Name);
            message.Release();
        }

        Should.Throw<NotSupportedException>(() => _loop.Write(new WriteResult(new Step(1)))).Message.ShouldBe("WriteResult does not cross processes");
    }

    [Fact]
    public void The_batches_of_these_tests_have_every_part_that_a_batch_may_have()
    {
        var maker = new MessageMaker(_loop, new Random(1));
        var assigned = Enumerable.Range(0, 50).Select(_ => (AssignShards)maker.Make(typeof(AssignShards))).ToArray();
        foreach (var part in typeof(ShardBatch).GetProperties().Where(property => property.CanWrite))
            assigned.SelectMany(message => message.Shards).Select(batch => Description.Of(part.GetValue(batch))).Distinct().Count().ShouldBeGreaterThan(1, part.Name);
        foreach (var message in assigned) message.Release();
    }

    [Fact]
    public void A_kind_of_a_later_version_is_refused() => Refused([0xFA, 0x3F, 0x00], "a message of a kind that this version does not know");

    [Fact]
    public void Bytes_that_are_no_protobuf_are_refused() => Refused([0x0A, 0x7F, 0x01], "a message that is no Protobuf");

    [Fact]
    public void An_empty_message_is_refused() => Refused([], "a message of a kind that this version does not know");

    [Fact]
    public void A_missing_address_is_refused() => Refused(new Wire.Envelope { Subscribe = new Wire.Subscribe() }, "an address is missing");

    [Fact]
    public void An_address_of_nobody_is_refused() => Refused(
        new Wire.Envelope { Subscribe = new Wire.Subscribe { Worker = new Wire.Address { Node = "x", Path = "/y", Id = 0 } } }, "is no address");

    [Fact]
    public void A_step_before_the_first_is_refused() => Refused(new Wire.Envelope { TakeSnapshot = new Wire.TakeSnapshot { Step = -1 } }, "step -1");

    [Fact]
    public void Shards_beyond_all_numbers_are_refused() => Refused(new Wire.Envelope
    {
        PushGradient = new Wire.PushGradient { Worker = Somebody(), Step = 1, Attempt = 1, Node = new Wire.Shards { First = int.MaxValue, Count = 1 }, Slice = new Wire.Slice() },
    }, "1 shards from 2147483647");

    [Fact]
    public void A_payload_that_did_not_come_is_refused() =>
        Refused(new Wire.Envelope { WeightsPublished = new Wire.WeightsPublished { Version = 1, Weights = 3, Slice = new Wire.Slice() } }, "payload 3 of 0 is asked for");

    [Fact]
    public void Weights_of_another_length_than_their_slice_are_refused() => Refused(
        new Wire.Envelope { WeightsPublished = new Wire.WeightsPublished { Version = 1, Slice = new Wire.Slice { Offset = 1, Length = 2 } } },
        "3 numbers for 2 parameters", _loop.Pool.Rent<float>(3));

    [Fact]
    public void A_gradient_without_numbers_is_refused() => Refused(new Wire.Envelope { PushGradient = Pushed() }, "a gradient is missing");

    [Fact]
    public void A_gradient_of_another_length_than_its_slice_is_refused_in_either_form()
    {
        var (singles, halves) = (Pushed(), Pushed());
        (singles.Singles, halves.Halves) = (0, 0);
        Refused(new Wire.Envelope { PushGradient = singles }, "3 numbers for 0 parameters", _loop.Pool.Rent<float>(3));
        Refused(new Wire.Envelope { PushGradient = halves }, "3 numbers for 0 parameters", _loop.Pool.Rent<ushort>(3));
    }

    [Fact]
    public void Shards_of_a_process_out_of_order_are_refused() => Refused(
        new Wire.Envelope
        {
            AssignShards = new Wire.AssignShards { Round = new Wire.Round { Kind = Wire.Round.Types.Kind.Train, Step = 1 }, Attempt = 1, HostShards = { 2, 1 } },
        }, "shard 1 out of order");

    [Fact]
    public void Sums_for_other_blocks_than_those_of_the_slice_are_refused() => Refused(
        new Wire.Envelope { GradientSummed = new Wire.GradientSummed { Step = 1, Slice = new Wire.Slice { Length = 4097 } } },
        "1 sums for 2 blocks", _loop.Pool.Rent<double>(1));

    [Fact]
    public void A_slice_beyond_all_numbers_is_refused() => Refused(
        new Wire.Envelope { GradientMissing = new Wire.GradientMissing { Slice = new Wire.Slice { Offset = 1, Length = int.MaxValue } } },
        "2147483647 parameters from 1");

    [Fact]
    public void A_term_before_the_first_is_refused() => Refused(new Wire.Envelope { Term = -1, RunEnded = new Wire.RunEnded() }, "term -1");

    [Fact]
    public void A_payload_for_two_parts_is_refused_and_released_once() => Refused(Assigned(new Wire.ShardBatch { Steps = 1, TargetSteps = 1, Rows = 2, Tokens = 0, Classes = 0 }),
        "payload 0 is asked for twice", _loop.Pool.Rent<int>(2));

    [Fact]
    public void A_payload_of_another_type_is_refused() => Refused(Assigned(new Wire.ShardBatch { Steps = 1, TargetSteps = 1, Rows = 2, Tokens = 0, Classes = 1 }),
        "payload 1 holds F32, expected I32", _loop.Pool.Rent<int>(2), _loop.Pool.Rent<float>(2));

    [Fact]
    public void A_batch_of_another_shape_than_it_says_is_refused() => Refused(Assigned(new Wire.ShardBatch { Steps = 2, TargetSteps = 2, Rows = 2, Tokens = 0, Classes = 1 }),
        "3 classes for 4 places of shard 0", _loop.Pool.Rent<int>(4), _loop.Pool.Rent<int>(3));

    [Fact]
    public void Features_that_do_not_fill_their_places_are_refused() => Refused(Assigned(new Wire.ShardBatch { Steps = 2, Rows = 2, Features = 0 }),
        "7 features for 4 places of shard 0", _loop.Pool.Rent<float>(7));

    [Fact]
    public void A_shard_without_inputs_is_refused() =>
        Refused(Assigned(new Wire.ShardBatch { Classes = 0 }), "shard 0 has no inputs", _loop.Pool.Rent<int>(0));

    [Fact]
    public void A_shape_too_large_to_count_is_refused() => Refused(Assigned(new Wire.ShardBatch { Steps = 1 << 20, Rows = 1 << 20, Tokens = 0, Classes = 1 }),
        "[1048576,1048576] of shard 0 is no shape", _loop.Pool.Rent<int>(4), _loop.Pool.Rent<int>(3));

    [Fact]
    public void More_shards_than_payloads_are_refused_before_they_are_made()
    {
        var assigned = Assigned(new Wire.ShardBatch());
        for (var i = 0; i < 1000; i++) assigned.AssignShards.Shards.Add(new Wire.ShardBatch());
        Refused(assigned, "1001 shards with 0 payloads");
    }

    [Fact]
    public void Shards_out_of_order_are_refused()
    {
        var assigned = Assigned(new Wire.ShardBatch { Shard = 1, Tokens = 0, Classes = 1 });
        assigned.AssignShards.Shards.Add(new Wire.ShardBatch { Shard = 1, Tokens = 2, Classes = 3 });
        Refused(assigned, "shard 1 out of order", _loop.Pool.Rent<int>(0), _loop.Pool.Rent<int>(0), _loop.Pool.Rent<int>(0), _loop.Pool.Rent<int>(0));
    }

    static Wire.Address Somebody() => new() { Node = "there", Incarnation = 7, Path = "/far", Id = 3 };

    static Wire.PushGradient Pushed() =>
        new() { Worker = Somebody(), Step = 1, Attempt = 1, Node = new Wire.Shards { Count = 1 }, Slice = new Wire.Slice() };

    static Wire.Envelope Assigned(Wire.ShardBatch batch) => new()
    {
        AssignShards = new Wire.AssignShards { Round = new Wire.Round { Kind = Wire.Round.Types.Kind.Train, Step = 1 }, Attempt = 1, Shards = { batch } },
    };

    void Refused(Wire.Envelope envelope, string reason, params IWirePayload[] payloads) => Refused(envelope.ToByteArray(), reason, payloads);

    void Refused(byte[] body, string reason, params IWirePayload[] payloads)
    {
        Should.Throw<MessageFormatException>(() => _loop.Read(body, payloads)).Message.ShouldContain(reason);
        _loop.Pool.Rented.ShouldBe(0);
    }
}
