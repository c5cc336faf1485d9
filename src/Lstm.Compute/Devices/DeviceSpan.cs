namespace LstmCluster.Compute;

/// <summary>A run of elements of a <see cref="DeviceBuffer"/>: the operand of every kernel. It owns nothing.</summary>
public readonly record struct DeviceSpan
{
    readonly DeviceBuffer? _buffer;

    /// <summary>A run of elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The run does not lie within the buffer.</exception>
    public DeviceSpan(DeviceBuffer buffer, int offset, int length)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)offset, (uint)buffer.Length, nameof(offset));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)(buffer.Length - offset), nameof(length));
        _buffer = buffer;
        Offset = offset;
        Length = length;
    }

    /// <summary>The buffer, which a device casts to its own kind.</summary>
    /// <exception cref="InvalidOperationException">This is the default, empty span.</exception>
    public DeviceBuffer Buffer => _buffer ?? throw new InvalidOperationException("an empty device span has no buffer");

    /// <summary>Index of the first element in the buffer.</summary>
    public int Offset { get; }

    /// <summary>Number of elements.</summary>
    public int Length { get; }

    /// <summary>True for an operand that is left out.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>A part of this run.</summary>
    public DeviceSpan Slice(int offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)offset, (uint)Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)(Length - offset));
        return length == 0 ? default : new(Buffer, Offset + offset, length);
    }
}
