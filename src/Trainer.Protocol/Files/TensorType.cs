namespace LstmCluster.Protocol;

/// <summary>Type of a stored tensor's elements, named as safetensors names it. All are little-endian.</summary>
public enum TensorType
{
    /// <summary>32-bit IEEE 754.</summary>
    F32,

    /// <summary>64-bit signed integer.</summary>
    I64,

    /// <summary>32-bit signed integer.</summary>
    I32,

    /// <summary>Byte.</summary>
    U8,
}

static class TensorTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this TensorType type) => type switch
    {
        TensorType.F32 or TensorType.I32 => 4,
        TensorType.I64 => 8,
        TensorType.U8 => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown tensor type."),
    };
}
