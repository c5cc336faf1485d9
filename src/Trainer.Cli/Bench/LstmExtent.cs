using System.Globalization;
using LstmCluster.Protocol;

namespace LstmCluster.Cli.Bench;

/// <summary>Extent of a layer over a batch, as it is typed: <c>T,N,D,H</c>.</summary>
/// <param name="T">Time steps.</param>
/// <param name="N">Batch rows.</param>
/// <param name="D">Input features.</param>
/// <param name="H">Units.</param>
readonly record struct LstmExtent(int T, int N, int D, int H)
{
    /// <summary>What is measured when no extent is given: large to small, then one sequence that streams through.</summary>
    public static readonly string[] Defaults = ["64,64,1024,1024", "64,32,512,512", "32,16,256,256", "64,32,128,128", "200,1,256,256"];

    // The widest operands have ten numbers a unit; with fewer than this many in all, no index overflows.
    const long LargestOperand = int.MaxValue / 16;

    /// <summary>One row is inference: forward only, bound by reading U once a step.</summary>
    public bool IsStreaming => N == 1;

    /// <summary>Reads an extent.</summary>
    /// <exception cref="UserErrorException">It is not four positive whole numbers, or too large.</exception>
    public static LstmExtent Parse(string text)
    {
        var parts = text.Split(',');
        var numbers = new int[4];
        if (parts.Length != 4) throw Unreadable(text);
        for (var index = 0; index < 4; index++)
            if (!int.TryParse(parts[index], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[index]) || numbers[index] == 0) throw Unreadable(text);

        var extent = new LstmExtent(numbers[0], numbers[1], numbers[2], numbers[3]);
        var positions = (decimal)(extent.T + 1L) * extent.N;
        decimal widest = Math.Max(extent.D, extent.H);
        if (Math.Max(positions * widest, widest * extent.H) > LargestOperand) throw new UserErrorException($"the extent \"{text}\" is too large to be held in memory");
        return extent;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{T},{N},{D},{H}");

    static UserErrorException Unreadable(string text) =>
        new($"an extent must be T,N,D,H, four positive whole numbers such as {Defaults[1]}, got \"{text}\"");
}
