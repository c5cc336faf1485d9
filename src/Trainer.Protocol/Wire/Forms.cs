using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Protocol;

/// <summary>What the forms of several messages are made of. Reading checks; a form that says what cannot be is refused.</summary>
static class Forms
{
    public static Wire.Address WriteActor(ActorRef actor, MessageWriter writer)
    {
        var address = writer.AddressOf(actor);
        return new Wire.Address { Node = address.Node.Name, Incarnation = address.Node.Incarnation, Path = address.Path, Id = address.Id };
    }

    public static ActorRef ReadActor(Wire.Address? form, MessageReader reader)
    {
        Require(form is not null, "an address is missing");
        return reader.Resolve(new WireAddress(new NodeId(form!.Node, form.Incarnation), form.Path, form.Id));
    }

    public static Wire.Round Write(Round round) => new()
    {
        Kind = round.Kind == WorkKind.Train ? Wire.Round.Types.Kind.Train : Wire.Round.Types.Kind.Evaluate,
        Step = round.Step.Value,
        Chunk = round.Chunk,
        Averaged = round.Averaged,
    };

    public static Round Read(Wire.Round? form)
    {
        Require(form is not null, "a round is missing");
        var kind = form!.Kind switch
        {
            Wire.Round.Types.Kind.Train => WorkKind.Train,
            Wire.Round.Types.Kind.Evaluate => WorkKind.Evaluate,
            var unknown => throw new MessageFormatException($"work of unknown kind {(int)unknown}"),
        };
        Require(form.Chunk >= 0, $"chunk {form.Chunk}");
        return new Round(kind, ReadStep(form.Step), form.Chunk, form.Averaged);
    }

    public static Wire.Shards Write(ShardRange node) => new() { First = node.First, Count = node.Count };

    public static ShardRange Read(Wire.Shards? form)
    {
        Require(form is not null, "a node of the reduction tree is missing");
        Require(form!.First >= 0 && form.Count >= 1 && form.First <= int.MaxValue - form.Count, $"{form.Count} shards from {form.First}");
        return new ShardRange(form.First, form.Count);
    }

    public static Wire.Slice Write(ParameterRange slice) => new() { Offset = slice.Offset, Length = slice.Length };

    public static ParameterRange Read(Wire.Slice? form)
    {
        Require(form is not null, "a part of the parameter vector is missing");
        Require(form!.Offset >= 0 && form.Length >= 0 && form.Offset <= int.MaxValue - form.Length, $"{form.Length} parameters from {form.Offset}");
        return new ParameterRange(form.Offset, form.Length);
    }

    /// <summary>A part of a vector that is as long as its slice.</summary>
    public static Payload<float> Take(ParameterRange slice, int index, MessageReader reader) => Take<float>(slice, index, reader);

    /// <summary>A part of a vector that is as long as its slice, in whatever form its elements have.</summary>
    public static Payload<T> Take<T>(ParameterRange slice, int index, MessageReader reader)
        where T : unmanaged
    {
        var part = reader.Take<T>(index);
        Require(part.Length == slice.Length, $"{part.Length} numbers for {slice.Length} parameters");
        return part;
    }

    /// <summary>Sums of squares, one for each block of a slice.</summary>
    public static Payload<double> TakeBlocks(ParameterRange slice, int index, MessageReader reader)
    {
        var sums = reader.Take<double>(index);
        Require(sums.Length == GradientNorm.BlocksIn(slice.Length), $"{sums.Length} sums for {GradientNorm.BlocksIn(slice.Length)} blocks");
        return sums;
    }

    /// <exception cref="MessageFormatException">Indices of shards are negative, or not ascending.</exception>
    public static void RequireAscending(IReadOnlyList<int> shards)
    {
        for (var i = 0; i < shards.Count; i++) Require(shards[i] > (i == 0 ? -1 : shards[i - 1]), $"shard {shards[i]} out of order");
    }

    public static Step ReadStep(long value)
    {
        Require(value >= 0, $"step {value}");
        return new Step(value);
    }

    public static int ReadAttempt(int value)
    {
        Require(value >= 1, $"attempt {value}");
        return value;
    }

    /// <exception cref="MessageFormatException">The condition does not hold.</exception>
    public static void Require(bool condition, string otherwise)
    {
        if (!condition) throw new MessageFormatException(otherwise);
    }
}
