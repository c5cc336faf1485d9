using System.Reflection;
using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Protocol.Tests;

/// <summary>Makes messages of any type out of random parts: a part that is added to a message is made too, and missed if the codec forgets it.</summary>
sealed class MessageMaker(CodecLoop loop, Random random)
{
    static readonly double[] Numbers = [0, -0.0, 1, -1.5, 1e300, double.Epsilon, double.NaN, double.PositiveInfinity];

    readonly NullabilityInfoContext _nullability = new();

    // Vectors of a message are as long as the slice that it names.
    int _sliceLength;

    public Message Make(Type type)
    {
        _sliceLength = random.Next(3) == 0 ? random.Next(3 * GradientNorm.BlockLength) : random.Next(6);
        var message = (Message)Build(type);
        return message is ClusterMessage said ? said with { Term = new Term(random.NextInt64(1, 1L << 50)) } : message;
    }

    object Build(Type type)
    {
        var constructor = type.GetConstructors().MaxBy(candidate => candidate.GetParameters().Length)!;
        var made = constructor.Invoke([.. constructor.GetParameters().Select(parameter =>
            Value(parameter.ParameterType, _nullability.Create(parameter).WriteState == NullabilityState.Nullable))]);
        if (!type.IsSubclassOf(typeof(Message)) && type != typeof(ShardResult)) return made;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        {
            if (!property.CanWrite || constructor.GetParameters().Any(parameter => parameter.Name == property.Name)) continue;
            property.SetValue(made, Value(property.PropertyType, _nullability.Create(property).WriteState == NullabilityState.Nullable));
        }

        return made;
    }

    object? Value(Type type, bool nullable)
    {
        if (nullable && random.Next(3) == 0) return null;
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(int)) return random.Next(1, 1 << random.Next(1, 30));
        if (type == typeof(long)) return random.NextInt64(1, 1L << random.Next(1, 60));
        if (type == typeof(double)) return random.Next(2) == 0 ? random.NextDouble() : Numbers[random.Next(Numbers.Length)];
        if (type == typeof(bool)) return random.Next(2) == 0;
        if (type == typeof(string)) return string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => char.ConvertFromUtf32(random.Next(0x20, 0xD000))));
        if (type == typeof(TimeSpan)) return TimeSpan.FromTicks(random.NextInt64(1L << 50));
        if (type == typeof(ActorRef)) return loop.Actors[random.Next(loop.Actors.Length)];
        if (type == typeof(Payload<float>)) return Floats(_sliceLength);
        if (type == typeof(Payload<double>)) return Doubles(GradientNorm.BlocksIn(_sliceLength));
        if (type == typeof(ParameterRange)) return new ParameterRange(random.Next(1 << 20), _sliceLength);
        if (type == typeof(Payload<byte>)) return Bytes(random.Next(6));
        if (type == typeof(IReadOnlyList<int>)) return Enumerable.Range(0, random.Next(4)).Select(i => (3 * i) + random.Next(3)).ToArray();
        if (type == typeof(GradientPart)) return Sometimes ? new GradientPart(Halves(_sliceLength)) : new GradientPart(Floats(_sliceLength));
        if (type == typeof(ShardBatch)) return Batch(0);
        if (type == typeof(IReadOnlyList<ShardBatch>)) return Enumerable.Range(0, random.Next(4)).Select(i => Batch(3 * i)).ToArray();
        if (type.IsEnum) return Enum.GetValues(type).GetValue(random.Next(Enum.GetValues(type).Length));
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)) return List(type.GetGenericArguments()[0]);
        return Build(type);
    }

    Array List(Type type)
    {
        var list = Array.CreateInstance(type, random.Next(1, 4));
        for (var i = 0; i < list.Length; i++) list.SetValue(Value(type, nullable: false), i);
        return list;
    }

    ShardBatch Batch(int shard)
    {
        var shape = new BatchShape(random.Next(0, 4), random.Next(0, 4));
        var targets = random.Next(0, 4);
        var tokens = random.Next(2) == 0;
        return new ShardBatch(shard, shape, targets)
        {
            Tokens = tokens ? Ints(shape.Positions) : null,
            Characters = tokens && Sometimes ? Ints(4 * shape.Positions) : null,
            Features = tokens && Sometimes ? null : Floats(3 * shape.Positions),
            Lengths = Sometimes ? Ints(shape.Rows) : null,
            Classes = Sometimes ? Ints(targets * shape.Rows) : null,
            Values = Sometimes ? Floats(2 * targets * shape.Rows) : null,
            State = Sometimes ? Floats(5 * shape.Rows) : null,
            CarriesState = Sometimes,
        };
    }

    bool Sometimes => random.Next(2) == 0;

    Payload<float> Floats(int length)
    {
        var payload = loop.Pool.Rent<float>(length);
        foreach (ref var value in payload.Span) value = BitConverter.Int32BitsToSingle(random.Next());
        return payload;
    }

    Payload<ushort> Halves(int length)
    {
        var payload = loop.Pool.Rent<ushort>(length);
        random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(payload.Span));
        return payload;
    }

    Payload<double> Doubles(int length)
    {
        var payload = loop.Pool.Rent<double>(length);
        foreach (ref var value in payload.Span) value = Numbers[random.Next(Numbers.Length)];
        return payload;
    }

    Payload<byte> Bytes(int length)
    {
        var payload = loop.Pool.Rent<byte>(length);
        random.NextBytes(payload.Span);
        return payload;
    }

    Payload<int> Ints(int length)
    {
        var payload = loop.Pool.Rent<int>(length);
        foreach (ref var value in payload.Span) value = random.Next(int.MinValue, int.MaxValue);
        return payload;
    }
}
