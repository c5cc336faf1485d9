namespace LstmCluster.Compute.Gpu;

/// <summary>Where the states of one time step of a recurrent layer stand: before and after it, in either direction.</summary>
readonly record struct GpuTime(int T, int Before, int After)
{
    /// <summary>The time step that comes at a turn of the loop.</summary>
    public static GpuTime At(int turn, int steps, bool reverse)
    {
        var t = reverse ? steps - 1 - turn : turn;
        return reverse ? new(t, t + 1, t) : new(t, t, t + 1);
    }
}

/// <summary>Which rows of a batch have ended at a time step.</summary>
readonly struct GpuLengths
{
    readonly int _firstStep;

    /// <exception cref="ArgumentException">A length does not lie in 0..T.</exception>
    public GpuLengths(IGpuRuntime runtime, BatchShape batch, in RecurrentPass pass)
    {
        (Span, _firstStep) = (GpuSpan.None, pass.FirstStep);
        if (pass.Lengths is not { } lengths) return;
        Span = lengths.At(runtime, batch.Rows);
        var steps = pass.StepsOfBatch(batch.Steps);
        if (lengths.Written(batch.Rows).ContainsAnyExceptInRange(0, steps))
            throw new ArgumentOutOfRangeException(nameof(pass), $"a row's length must be in 0..{steps}");
    }

    /// <summary>[N]; left out when every row has all time steps.</summary>
    public GpuSpan Span { get; }

    /// <summary>True when every row has all time steps.</summary>
    public bool AreFull => !Span.IsGiven;

    /// <summary>The step of the batch that stands at t of the operands.</summary>
    public int StepAt(int t) => _firstStep + t;
}
