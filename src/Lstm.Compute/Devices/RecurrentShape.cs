namespace LstmCluster.Compute;

/// <summary>Extent and direction of one GRU or RNN layer over one batch.</summary>
/// <param name="Steps">T, time steps.</param>
/// <param name="Rows">N, batch rows.</param>
/// <param name="Inputs">D, input features.</param>
/// <param name="Units">H, units.</param>
public readonly record struct RecurrentShape(int Steps, int Rows, int Inputs, int Units)
{
    /// <summary>True to run from the last time step to the first.</summary>
    public bool Reverse { get; init; }

    /// <summary>T and N alone.</summary>
    public BatchShape Batch => new(Steps, Rows);
}
