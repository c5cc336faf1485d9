using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>From files of any format with one sample a row to rows.</summary>
static class RowSource
{
    /// <summary>Reads rows as they are asked for.</summary>
    /// <param name="paths">Files with the inputs, or with both.</param>
    /// <param name="targetPaths">Files with the targets, where they are apart.</param>
    /// <param name="data">The format.</param>
    /// <param name="bad">What becomes of malformed rows.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">A file cannot be read or is malformed; names the line.</exception>
    public static IEnumerable<Row> Read(IReadOnlyList<string> paths, IReadOnlyList<string>? targetPaths, DataOptions data, BadRows bad, CancellationToken cancellation = default)
    {
        foreach (var row in All(paths, targetPaths, data, bad))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return row;
        }
    }

    static IEnumerable<Row> All(IReadOnlyList<string> paths, IReadOnlyList<string>? targetPaths, DataOptions data, BadRows bad) => data.Format switch
    {
        DataFormat.Tsv or DataFormat.Csv => RowFile.Read(paths, data, bad),
        DataFormat.Tagged => LineFiles.Tagged(paths, data, bad),
        DataFormat.Dictionary => LineFiles.Dictionary(paths, data, bad),
        DataFormat.Parallel => LineFiles.Parallel(paths, targetPaths!, data),
        DataFormat.Folders => LineFiles.Folders(paths, data, bad),
        _ => throw new NotSupportedException($"no rows of {data.Format}"),
    };
}
