namespace LstmCluster.Compute.Cpu;

/// <summary>Where the states of one time step of a recurrent layer stand: before and after it, in either direction.</summary>
readonly record struct RecurrentTime(int T, int Before, int After)
{
    /// <summary>The time step that comes at a turn of the loop.</summary>
    public static RecurrentTime At(int turn, in RecurrentShape shape) => At(turn, shape.Steps, shape.Reverse);

    /// <summary>The time step that comes at a turn of the loop.</summary>
    public static RecurrentTime At(int turn, in LstmShape shape) => At(turn, shape.Steps, shape.Options.Reverse);

    static RecurrentTime At(int turn, int steps, bool reverse)
    {
        var t = reverse ? steps - 1 - turn : turn;
        return reverse ? new(t, t + 1, t) : new(t, t, t + 1);
    }
}

/// <summary>Which rows of a batch have ended at a time step.</summary>
readonly unsafe struct RowLengths
{
    readonly int* _lengths;
    readonly int _firstStep;

    /// <exception cref="ArgumentException">A length does not lie in 0..T.</exception>
    public RowLengths(BatchShape batch, in RecurrentPass pass)
    {
        if (pass.Lengths is not { } lengths) return;
        _lengths = lengths.At(batch.Rows);
        _firstStep = pass.FirstStep;
        var steps = pass.StepsOfBatch(batch.Steps);
        if (new ReadOnlySpan<int>(_lengths, batch.Rows).ContainsAnyExceptInRange(0, steps))
            throw new ArgumentOutOfRangeException(nameof(pass), $"a row's length must be in 0..{steps}");
    }

    /// <summary>True when every row has all time steps.</summary>
    public bool AreFull => _lengths == null;

    /// <summary>True when a row's sequence does not reach time step t of the operands.</summary>
    public bool IsPadded(int t, int row) => _lengths != null && _firstStep + t >= _lengths[row];
}
