namespace LstmCluster.Compute;

/// <summary>Extent of a time-major batch.</summary>
/// <param name="Steps">T, time steps.</param>
/// <param name="Rows">N, batch rows.</param>
public readonly record struct BatchShape(int Steps, int Rows)
{
    /// <summary>T times N.</summary>
    /// <exception cref="OverflowException">The product is no 32-bit number.</exception>
    public int Positions => checked(Steps * Rows);
}

/// <summary>A run of the N batch rows, at every time step: the rows of one shard.</summary>
/// <param name="First">The first row.</param>
/// <param name="Count">Number of rows.</param>
public readonly record struct RowRange(int First, int Count);
