using System.Numerics;

namespace LstmCluster.Compute;

/// <summary>A weight matrix of the reference device: a plain copy, so that a test notices when <c>Prepare</c> was forgotten after an update.</summary>
sealed class ReferenceMatrix<T>(int rows, int columns, MatrixUse use) : PreparedMatrix(rows, columns, use)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    T[]? _values = new T[rows * columns];

    internal T[] Values => _values ?? throw new ObjectDisposedException(nameof(ReferenceMatrix<>));

    /// <summary>The weight that joins inner index <paramref name="inner"/> with column <paramref name="outer"/> of the product.</summary>
    internal T this[int inner, int outer] =>
        Use == MatrixUse.Forward ? Values[(outer * Columns) + inner] : Values[(inner * Columns) + outer];

    protected override void Dispose(bool disposing) => _values = null;
}
