namespace LstmCluster.Actors;

/// <summary>What a payload on the wire is made of; little-endian.</summary>
enum ElementType : byte
{
    U8 = 1,
    U16 = 2,
    I32 = 3,
    I64 = 4,
    F32 = 5,
    F64 = 6,
}

/// <summary>The element types that cross processes.</summary>
static class ElementTypes
{
    /// <exception cref="NotSupportedException">Payloads of this type do not cross processes.</exception>
    public static ElementType Of<T>()
    {
        if (typeof(T) == typeof(float)) return ElementType.F32;
        if (typeof(T) == typeof(int)) return ElementType.I32;
        if (typeof(T) == typeof(byte)) return ElementType.U8;
        if (typeof(T) == typeof(ushort)) return ElementType.U16;
        if (typeof(T) == typeof(long)) return ElementType.I64;
        if (typeof(T) == typeof(double)) return ElementType.F64;
        throw new NotSupportedException($"payloads of {typeof(T).Name} do not cross processes");
    }

    /// <summary>Bytes of one element; 0 for a type that does not exist.</summary>
    public static int SizeOf(ElementType type) => type switch
    {
        ElementType.U8 => 1,
        ElementType.U16 => 2,
        ElementType.I32 or ElementType.F32 => 4,
        ElementType.I64 or ElementType.F64 => 8,
        _ => 0,
    };

    public static IWirePayload Rent(PayloadPool pool, ElementType type, int length) => type switch
    {
        ElementType.U8 => pool.Rent<byte>(length),
        ElementType.U16 => pool.Rent<ushort>(length),
        ElementType.I32 => pool.Rent<int>(length),
        ElementType.F32 => pool.Rent<float>(length),
        ElementType.I64 => pool.Rent<long>(length),
        ElementType.F64 => pool.Rent<double>(length),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}

/// <summary>A payload as a network sees it, whatever its element type.</summary>
interface IWirePayload
{
    ElementType Type { get; }

    /// <summary>Number of elements.</summary>
    int Length { get; }

    /// <summary>Its memory, in place.</summary>
    Memory<byte> Bytes { get; }

    void Release();
}
