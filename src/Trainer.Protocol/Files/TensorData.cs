using System.Runtime.InteropServices;

namespace LstmCluster.Protocol;

/// <summary>A named tensor as it is stored: type, shape and elements, dense row-major. It does not copy what it is made of.</summary>
public sealed class TensorData
{
    readonly ReadOnlyMemory<float> _floats;
    readonly ReadOnlyMemory<byte> _bytes;
    readonly int[] _shape;

    TensorData(string name, TensorType type, ReadOnlyMemory<float> floats, ReadOnlyMemory<byte> bytes, ReadOnlySpan<int> shape)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        (Name, Type, _floats, _bytes, _shape) = (name, type, floats, bytes, shape.ToArray());
        long count = 1;
        foreach (var size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
            count = checked(count * size);
        }

        if (count != Count)
            throw new ArgumentException($"Tensor {name} of shape [{string.Join(',', _shape)}] has {count} elements, got {Count}.", nameof(shape));
    }

    /// <summary>Name, such as <c>layers.0.weight_ih_l0</c>.</summary>
    public string Name { get; }

    /// <summary>Type of the elements.</summary>
    public TensorType Type { get; }

    /// <summary>Sizes, outermost first; empty for a single number.</summary>
    public IReadOnlyList<int> Shape => _shape;

    /// <summary>Number of elements.</summary>
    public int Count => Type == TensorType.F32 ? _floats.Length : _bytes.Length / Type.Size();

    /// <summary>The elements of an F32 tensor.</summary>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public ReadOnlyMemory<float> Floats => Type == TensorType.F32 ? _floats : throw WrongType(TensorType.F32);

    /// <summary>The elements of an I32 tensor.</summary>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public ReadOnlySpan<int> Int32s => Type == TensorType.I32 ? MemoryMarshal.Cast<byte, int>(_bytes.Span) : throw WrongType(TensorType.I32);

    /// <summary>The elements of an I64 tensor.</summary>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public ReadOnlySpan<long> Int64s => Type == TensorType.I64 ? MemoryMarshal.Cast<byte, long>(_bytes.Span) : throw WrongType(TensorType.I64);

    /// <summary>A tensor of floats.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">Elements, row-major; not copied.</param>
    /// <param name="shape">Sizes, outermost first.</param>
    /// <exception cref="ArgumentException">Shape and number of elements differ.</exception>
    public static TensorData Of(string name, ReadOnlyMemory<float> values, params ReadOnlySpan<int> shape) =>
        new(name, TensorType.F32, values, default, shape);

    /// <summary>A tensor of another type from its bytes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Any type but F32.</param>
    /// <param name="bytes">Little-endian elements, row-major; not copied.</param>
    /// <param name="shape">Sizes, outermost first.</param>
    /// <exception cref="ArgumentException">Shape and number of bytes differ, or the type is F32.</exception>
    public static TensorData OfBytes(string name, TensorType type, ReadOnlyMemory<byte> bytes, params ReadOnlySpan<int> shape)
    {
        if (type == TensorType.F32)
            throw new ArgumentException("Floats are given as floats.", nameof(type));
        if (bytes.Length % type.Size() != 0)
            throw new ArgumentException($"{bytes.Length} bytes are not whole elements of {type}.", nameof(bytes));
        return new(name, type, default, bytes, shape);
    }

    /// <summary>Length of the elements, bytes.</summary>
    internal long ByteLength => (long)Count * Type.Size();

    /// <summary>Part of the elements as bytes; in parts because the bytes of many floats do not fit one span.</summary>
    /// <param name="start">First element.</param>
    /// <param name="count">Number of elements.</param>
    internal ReadOnlySpan<byte> Bytes(int start, int count) => Type == TensorType.F32
        ? MemoryMarshal.AsBytes(_floats.Span.Slice(start, count))
        : _bytes.Span.Slice(start * Type.Size(), count * Type.Size());

    InvalidOperationException WrongType(TensorType wanted) => new($"Tensor {Name} is {Type}, not {wanted}.");
}
