namespace LstmCluster.Compute;

/// <summary>The gates of an LSTM, in the order of the rows of its kernels and bias.</summary>
public enum Gate
{
    /// <summary>i, how much of the candidate enters the cell.</summary>
    Input,

    /// <summary>f, how much of the cell stays.</summary>
    Forget,

    /// <summary>g, what may enter the cell.</summary>
    Candidate,

    /// <summary>o, how much of the cell shows.</summary>
    Output,
}
