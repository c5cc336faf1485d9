using System.Buffers.Binary;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>A file in the IDX format of the MNIST data: a magic number, the extent of each dimension, and then the bytes.</summary>
/// <param name="Extents">Extent of each dimension.</param>
/// <param name="Bytes">The numbers, row-major.</param>
sealed record IdxFile(int[] Extents, byte[] Bytes)
{
    const byte UnsignedByte = 0x08;
    const int LargestDimensions = 8;

    /// <summary>Number of items: the extent of the first dimension.</summary>
    public int Count => Extents[0];

    /// <summary>Numbers of an item.</summary>
    public int ItemSize { get; } = Extents.Skip(1).Aggregate(1, (size, extent) => size * extent);

    /// <summary>The numbers of an item.</summary>
    public ReadOnlySpan<byte> this[int index] => Bytes.AsSpan(index * ItemSize, ItemSize);

    /// <summary>Reads a file; one whose name ends in <c>.gz</c> is unpacked.</summary>
    /// <exception cref="UserErrorException">It cannot be read, or is no such file.</exception>
    public static IdxFile Read(string path) => FileContent.Use(path, stream => Read(stream, path));

    static IdxFile Read(Stream stream, string path)
    {
        Span<byte> magic = stackalloc byte[4], number = stackalloc byte[sizeof(int)];
        if (stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length || magic[0] != 0 || magic[1] != 0)
            throw UserErrorException.At(path, "does not begin with two zero bytes, expected a file in the IDX format");
        if (magic[2] != UnsignedByte) throw UserErrorException.At(path, $"holds numbers of type 0x{magic[2]:X2}, expected bytes (0x08)");
        if (magic[3] is 0 or > LargestDimensions) throw UserErrorException.At(path, $"has {magic[3]} dimensions, expected 1 to {LargestDimensions}");
        var extents = new int[magic[3]];
        long size = 1;
        for (var dimension = 0; dimension < extents.Length; dimension++)
        {
            if (stream.ReadAtLeast(number, number.Length, throwOnEndOfStream: false) < number.Length) throw Short();
            extents[dimension] = BinaryPrimitives.ReadInt32BigEndian(number);
            size = extents[dimension] < 1 ? long.MaxValue : Math.BigMul(size, extents[dimension], out var low) == 0 && low > 0 ? low : long.MaxValue;
            if (size > Array.MaxLength) throw UserErrorException.At(path, $"says that its dimension {dimension + 1} is {extents[dimension]}, expected at most {Array.MaxLength} numbers in all");
        }

        // What the file says of its size is not believed before the bytes are there.
        using var content = new MemoryStream();
        stream.CopyTo(content);
        if (content.Length != size) throw UserErrorException.At(path, $"has {content.Length} numbers behind its head, expected {string.Join(" x ", extents)} = {size}");
        return new IdxFile(extents, content.ToArray());

        UserErrorException Short() => UserErrorException.At(path, "ends within its head, expected a file in the IDX format");
    }
}
