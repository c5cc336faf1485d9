using System.Runtime.InteropServices;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Numbers that are written once, one behind the other, and then gone through from the beginning: in memory, or in a file that goes with this.</summary>
/// <param name="kept">The file, which becomes this one's own; null for memory.</param>
sealed class IdSpool(SpoolFile? kept) : IDisposable
{
    const int BlockNumbers = 1 << 14;

    readonly List<int[]> _blocks = [];
    int[] _last = new int[BlockNumbers];
    int _used;

    /// <summary>Numbers written.</summary>
    public int Count { get; private set; }

    /// <summary>Writes a number.</summary>
    /// <exception cref="UserErrorException">There are more than can be counted.</exception>
    public void Add(int id)
    {
        if (_used == BlockNumbers) KeepBlock();
        _last[_used++] = id;
        if (Count == int.MaxValue) throw new UserErrorException($"the text has more than {int.MaxValue} tokens, which is more than can be counted; split its files (data.source)");
        Count++;
    }

    /// <summary>All numbers in order, block by block; each is valid until the next is asked for.</summary>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    public IEnumerable<ReadOnlyMemory<int>> Blocks(CancellationToken cancellation)
    {
        foreach (var block in _blocks)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return block;
        }

        if (kept is not null)
        {
            kept.Flush();
            var block = new int[BlockNumbers];
            for (long at = 0; at < kept.Length; at += BlockNumbers * sizeof(int))
            {
                cancellation.ThrowIfCancellationRequested();
                kept.Read(at, MemoryMarshal.AsBytes(block.AsSpan()));
                yield return block;
            }
        }

        yield return _last.AsMemory(0, _used);
    }

    /// <summary>Goes through the lines of files, of which something is written here.</summary>
    /// <param name="files">The files in their order.</param>
    /// <param name="use">Writes what a line has.</param>
    /// <returns>Numbers up to the end of each file.</returns>
    public int[] ReadFiles(TextFiles files, Action<ReadOnlySpan<char>> use)
    {
        var ends = new int[files.Paths.Count];
        for (var file = 0; file < ends.Length; file++)
        {
            using var text = FileContent.OpenText(files.Paths[file], cancellation: files.Cancellation);
            for (var lines = new LineReader(text, files.Paths[file]); lines.MoveNext();) use(lines.Current);
            ends[file] = Count;
        }

        return ends;
    }

    /// <summary>How often each number comes among the first ones.</summary>
    /// <param name="numbers">There are so many different numbers, from 0.</param>
    /// <param name="first">So many are counted.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    public int[] Counts(int numbers, int first, CancellationToken cancellation)
    {
        var (counts, at) = (new int[numbers], 0);
        foreach (var block in Blocks(cancellation))
        {
            foreach (var id in block.Span[..Math.Min(block.Length, first - at)]) counts[id]++;
            at = Math.Min(at + block.Length, first);
        }

        return counts;
    }

    /// <summary>Removes the file.</summary>
    public void Dispose() => kept?.Dispose();

    void KeepBlock()
    {
        if (kept is null)
        {
            _blocks.Add(_last);
            _last = new int[BlockNumbers];
        }
        else
        {
            kept.Append(MemoryMarshal.AsBytes(_last.AsSpan()));
        }

        _used = 0;
    }
}
