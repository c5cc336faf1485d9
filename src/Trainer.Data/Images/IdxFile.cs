using System.Buffers.Binary;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>A file in the IDX format of the MNIST data: a magic number, the extent of each dimension, and then the bytes, row-major.</summary>
/// <remarks>Any number of threads may read the bytes.</remarks>
sealed class IdxFile
{
    const byte UnsignedByte = 0x08;
    const int LargestDimensions = 8, BlockBytes = 1 << 16;

    readonly string _path;
    readonly IdxBytes _bytes;

    IdxFile(string path, int[] extents, int itemSize, IdxBytes bytes) => (_path, Extents, ItemSize, _bytes) = (path, extents, itemSize, bytes);

    /// <summary>Extent of each dimension.</summary>
    public int[] Extents { get; }

    /// <summary>Number of items: the extent of the first dimension.</summary>
    public int Count => Extents[0];

    /// <summary>Numbers of an item.</summary>
    public int ItemSize { get; }

    /// <summary>Opens a file; one whose name ends in <c>.gz</c> is unpacked.</summary>
    /// <param name="path">The file.</param>
    /// <param name="place">Says whether the bytes are held in memory. Others are read from the file, which must not be changed as long as this is used, or, of a packed one, from what it is unpacked into.</param>
    /// <param name="cancellation">Ends unpacking with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">It cannot be read, or is no such file.</exception>
    public static IdxFile Open(string path, SpoolPlace place, CancellationToken cancellation = default) => FileContent.Use(path, stream =>
    {
        var (extents, itemSize) = ReadHead(stream, path);
        var (size, head) = ((long)extents[0] * itemSize, sizeof(int) * (1 + extents.Length));
        var bytes = place.TryTake(size) ? IdxBytes.InMemory(stream)
            : stream is FileStream ? IdxBytes.InFile(path, head)
            : IdxBytes.Unpacked(new InterruptibleStream(stream, cancellation), place.NewFile(), most: size);

        // What the file says of its size is not believed before the bytes are there.
        if (bytes.Length == size) return new IdxFile(path, extents, itemSize, bytes);
        bytes.Dispose();
        throw UserErrorException.At(path, $"has {bytes.Length} numbers behind its head, expected {string.Join(" x ", extents)} = {size}");
    }, CancellationToken.None); // Not wrapped as a whole: the kind of the stream tells whether the file is packed.

    /// <summary>Copies the numbers of an item.</summary>
    /// <param name="index">The item.</param>
    /// <param name="numbers">[ItemSize]. Out only.</param>
    /// <exception cref="UserErrorException">The file cannot be read any more.</exception>
    public void Read(int index, Span<byte> numbers) => ReadAt((long)index * ItemSize, numbers);

    /// <summary>All numbers in order, block by block; each is valid until the next is asked for.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Blocks()
    {
        var block = new byte[BlockBytes];
        for (long at = 0; at < _bytes.Length; at += BlockBytes)
        {
            var part = block.AsMemory(0, (int)Math.Min(BlockBytes, _bytes.Length - at));
            ReadAt(at, part.Span);
            yield return part;
        }
    }

    void ReadAt(long offset, Span<byte> target)
    {
        try
        {
            _bytes.Read(offset, target);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw FileContent.Unreadable(_path, error);
        }
    }

    static (int[] Extents, int ItemSize) ReadHead(Stream stream, string path)
    {
        Span<byte> magic = stackalloc byte[4], number = stackalloc byte[sizeof(int)];
        if (stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length || magic[0] != 0 || magic[1] != 0)
            throw UserErrorException.At(path, "does not begin with two zero bytes, expected a file in the IDX format");
        if (magic[2] != UnsignedByte) throw UserErrorException.At(path, $"holds numbers of type 0x{magic[2]:X2}, expected bytes (0x08)");
        if (magic[3] is 0 or > LargestDimensions) throw UserErrorException.At(path, $"has {magic[3]} dimensions, expected 1 to {LargestDimensions}");
        var extents = new int[magic[3]];
        long itemSize = 1;
        for (var dimension = 0; dimension < extents.Length; dimension++)
        {
            if (stream.ReadAtLeast(number, number.Length, throwOnEndOfStream: false) < number.Length)
                throw UserErrorException.At(path, "ends within its head, expected a file in the IDX format");
            extents[dimension] = BinaryPrimitives.ReadInt32BigEndian(number);

            // Of two numbers below 2^31 the product is one of 64 bits.
            if (dimension > 0) itemSize *= extents[dimension];
            if (extents[dimension] < 1 || itemSize > Array.MaxLength)
                throw UserErrorException.At(path, $"says that its dimension {dimension + 1} is {extents[dimension]}, expected at least 1, and at most {Array.MaxLength} numbers in an item");
        }

        return (extents, (int)itemSize);
    }
}
