namespace LstmCluster.Compute;

/// <summary>The gates of a GRU, in the order of the rows of its kernels and biases.</summary>
public enum GruGate
{
    /// <summary>r, how much of the recurrent product enters the candidate.</summary>
    Reset,

    /// <summary>z, how much of the hidden state stays.</summary>
    Update,

    /// <summary>n, what may take its place.</summary>
    Candidate,
}
