namespace LstmCluster.Compute;

/// <summary>Which product a weight matrix is prepared for.</summary>
public enum MatrixUse
{
    /// <summary><c>y = x W^T</c>, as in a forward pass.</summary>
    Forward,

    /// <summary><c>dx = dy W</c>, as in a backward pass.</summary>
    Backward,
}

/// <summary>A weight matrix in the order that a device reads fastest, filled once per weight version and used many times.</summary>
/// <param name="rows">Rows of the matrix, its outputs.</param>
/// <param name="columns">Columns of the matrix, its inputs.</param>
/// <param name="use">The product it is prepared for.</param>
public abstract class PreparedMatrix(int rows, int columns, MatrixUse use) : IDisposable
{
    /// <summary>Rows of the matrix, its outputs.</summary>
    public int Rows { get; } = rows;

    /// <summary>Columns of the matrix, its inputs.</summary>
    public int Columns { get; } = columns;

    /// <summary>The product it is prepared for.</summary>
    public MatrixUse Use { get; } = use;

    /// <summary>Length of the sum behind each element of the product.</summary>
    public int Inner => Use == MatrixUse.Forward ? Columns : Rows;

    /// <summary>Columns of the product.</summary>
    public int Outer => Use == MatrixUse.Forward ? Rows : Columns;

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory.</summary>
    protected abstract void Dispose(bool disposing);
}
