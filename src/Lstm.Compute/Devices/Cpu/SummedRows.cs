namespace LstmCluster.Compute.Cpu;

/// <summary>The positions over which a gradient is summed, in which order, and what becomes of what its target holds.</summary>
/// <param name="Shape">T and N of the operands.</param>
/// <param name="Rows">The shard's rows.</param>
/// <param name="Sum">What becomes of what the target holds.</param>
/// <param name="Segments">Runs of time that follow each other otherwise than time does; 1 for t ascending.</param>
/// <param name="Reverse">Direction of the recurrent layer.</param>
readonly record struct SummedRows(BatchShape Shape, RowRange Rows, Summation Sum, int Segments, bool Reverse)
{
    /// <summary>Which rows have ended when: what is summed there is zero, and left out. The default for none.</summary>
    public RowLengths Lengths { get; init; }

    /// <summary>t ascending, then n: outside of recurrent layers.</summary>
    public static SummedRows InTime(BatchShape shape, RowRange rows, Summation sum) => new(shape, rows, sum, 1, false);

    /// <summary>In <see cref="TimeSegments"/>.</summary>
    public static SummedRows InSegments(in RecurrentShape shape, RowRange rows, Summation sum) =>
        new(shape.Batch, rows, sum, TimeSegments.Count(shape.Steps), shape.Reverse);

    /// <summary>In <see cref="TimeSegments"/>.</summary>
    public static SummedRows InSegments(in LstmShape shape, RowRange rows, Summation sum) =>
        new(shape.Batch, rows, sum, TimeSegments.Count(shape.Steps), shape.Options.Reverse);

    /// <summary>The run of time that comes at a turn.</summary>
    public TimeWindow Segment(int turn) => Segments == 1 ? new TimeWindow(0, Shape.Steps) : TimeSegments.At(turn, Shape.Steps, Reverse);

    /// <summary>Positions of a run of time that count.</summary>
    public int PositionsOf(TimeWindow segment)
    {
        if (Lengths.AreFull) return segment.Count * Rows.Count;
        var count = 0;
        for (var t = segment.First; t < segment.End; t++)
        {
            for (var n = Rows.First; n < Rows.First + Rows.Count; n++)
                if (!Lengths.IsPadded(t, n))
                    count++;
        }

        return count;
    }

    /// <summary>Time steps of the longest run.</summary>
    public int LongestSegment => Segments == 1 ? Shape.Steps : TimeSegments.Steps;
}
