using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Where rows, images and tables are kept: in memory as long as they are few, and what is more in files without a name (<see cref="SpoolFile"/>).</summary>
/// <param name="directory">Where the files are; made when the first one is.</param>
/// <param name="mostInMemory">Bytes that all of it together may take of memory.</param>
sealed class SpoolPlace(string directory, long mostInMemory)
{
    long _left = mostInMemory;

    /// <summary>All in memory, for what is there already.</summary>
    public static SpoolPlace Memory => new("", long.MaxValue);

    /// <summary>The place that options ask for, with all of its memory to be given.</summary>
    public static SpoolPlace Of(FetchOptions fetching) => new(Path.Combine(fetching.CacheDirectory, "spool"), fetching.LargestRowsInMemory);

    /// <summary>Takes memory, where so much is left.</summary>
    /// <param name="bytes">How much.</param>
    /// <returns>False where it is not: then nothing is taken, and a file is what is left.</returns>
    public bool TryTake(long bytes)
    {
        if (bytes > _left) return false;
        _left -= bytes;
        return true;
    }

    /// <summary>Gives back memory that was taken.</summary>
    public void GiveBack(long bytes) => _left += bytes;

    /// <summary>A new file.</summary>
    /// <exception cref="UserErrorException">It cannot be made; names the directory.</exception>
    public SpoolFile NewFile() => SpoolFile.Create(directory);
}
