using System.Buffers.Binary;
using System.IO.Compression;

namespace Trainer.Data.Tests;

/// <summary>Writes files in the IDX format.</summary>
static class IdxFiles
{
    /// <summary>Writes bytes under a head that tells their extents; packed where the name ends with .gz.</summary>
    public static void Write(string path, int[] extents, byte[] numbers)
    {
        using Stream file = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(File.Create(path), CompressionLevel.Fastest) : File.Create(path);
        file.Write([0, 0, 8, (byte)extents.Length]);
        var number = new byte[4];
        foreach (var extent in extents)
        {
            BinaryPrimitives.WriteInt32BigEndian(number, extent);
            file.Write(number);
        }

        file.Write(numbers);
    }
}
