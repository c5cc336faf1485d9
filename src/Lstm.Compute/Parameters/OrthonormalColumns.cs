using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LstmCluster.Compute;

/// <summary>The factor Q of a matrix of normal numbers, by Householder's reflections, with the signs that make Q an even draw (Mezzadri 2007).</summary>
/// <remarks>Sums run over eight virtual lanes of a column, so that their order does not depend on the processor's vectors. A column is padded with zeros to whole lanes.</remarks>
sealed class OrthonormalColumns
{
    const int Lanes = 8;

    readonly int _rows, _columns, _stride;
    readonly double[] _reflectors, _result;
    readonly double[] _factors, _signs;

    /// <param name="rows">Rows, at least as many as columns.</param>
    /// <param name="columns">Columns.</param>
    public OrthonormalColumns(int rows, int columns)
    {
        (_rows, _columns, _stride) = (rows, columns, (rows + Lanes - 1) / Lanes * Lanes);
        (_reflectors, _result) = (new double[_stride * columns], new double[_stride * columns]);
        (_factors, _signs) = (new double[columns], new double[columns]);
    }

    /// <summary>An element of Q.</summary>
    public double this[int row, int column] => _result[(column * _stride) + row];

    /// <summary>Makes another Q of the normal numbers from <paramref name="first"/> on.</summary>
    public void Draw(RandomSequence random, long first)
    {
        for (var column = 0; column < _columns; column++)
            for (var row = 0; row < _rows; row++)
                _reflectors[(column * _stride) + row] = random.Normal(first + ((long)row * _columns) + column, 1);
        for (var column = 0; column < _columns; column++) Reflect(column);
        Multiply();
    }

    /// <summary>Leaves in a column the reflector that turns it into a multiple of a unit vector, and reflects the columns behind it.</summary>
    void Reflect(int column)
    {
        var reflector = _reflectors.AsSpan(column * _stride, _stride);
        reflector[..column].Clear();
        var norm = Math.Sqrt(Dot(reflector, reflector, column));

        // The diagonal of R is -sign(x)*norm, so that nothing cancels; the sign that makes it positive goes into Q.
        _signs[column] = reflector[column] > 0 ? -1 : 1;
        reflector[column] -= _signs[column] * norm;
        var square = Dot(reflector, reflector, column);
        _factors[column] = square > 0 ? 2 / square : 0;
        for (var other = column + 1; other < _columns; other++) Apply(column, _reflectors.AsSpan(other * _stride, _stride));
    }

    /// <summary>Q: the product of the reflections, from the last to the first, with unit vectors.</summary>
    void Multiply()
    {
        Array.Clear(_result);
        for (var column = 0; column < _columns; column++) _result[(column * _stride) + column] = _signs[column];
        for (var column = _columns - 1; column >= 0; column--)
            for (var other = column; other < _columns; other++)
                Apply(column, _result.AsSpan(other * _stride, _stride));
    }

    void Apply(int column, Span<double> target)
    {
        var reflector = _reflectors.AsSpan(column * _stride, _stride);
        var factor = Vector512.Create(_factors[column] * Dot(reflector, target, column));
        var from = Laned(reflector, column);
        var to = Laned(target, column);
        for (var index = 0; index < to.Length; index++) to[index] -= factor * from[index];
    }

    /// <summary>The product of two columns from a row on, above which the first one is zero.</summary>
    static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b, int row)
    {
        var left = Laned(a, row);
        var right = Laned(b, row);
        var sums = Vector512<double>.Zero;
        for (var index = 0; index < left.Length; index++) sums += left[index] * right[index];
        var sum = 0.0;
        for (var lane = 0; lane < Lanes; lane++) sum += sums[lane];
        return sum;
    }

    static Span<Vector512<double>> Laned(Span<double> column, int row) => MemoryMarshal.Cast<double, Vector512<double>>(column)[(row / Lanes)..];

    static ReadOnlySpan<Vector512<double>> Laned(ReadOnlySpan<double> column, int row) =>
        MemoryMarshal.Cast<double, Vector512<double>>(column)[(row / Lanes)..];
}
