using System.Runtime.CompilerServices;

namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <summary>The numbers of an operand, whose length must be what its shape says.</summary>
    /// <exception cref="ArgumentException">The operand has another length, or belongs to another device.</exception>
    static Span<T> Numbers(DeviceSpan operand, int length, [CallerArgumentExpression(nameof(operand))] string? name = null)
    {
        if (operand.Length != length)
            throw new ArgumentException($"{name} must have {length} elements, has {operand.Length}", name);
        return Numbers(operand, name);
    }

    static Span<T> Numbers(DeviceSpan operand, [CallerArgumentExpression(nameof(operand))] string? name = null) => operand switch
    {
        { IsEmpty: true } => [],
        { Buffer: ReferenceBuffer<T> buffer } => buffer.Values.AsSpan(operand.Offset, operand.Length),
        _ => throw new ArgumentException($"{name} lies in a {operand.Buffer.GetType().Name}, not in memory of a {nameof(ReferenceDevice<>)} of {typeof(T).Name}", name),
    };

    /// <summary>The numbers of an operand that is there exactly when its option is on.</summary>
    /// <exception cref="ArgumentException">The operand has another length, is left out or is too much, or belongs to another device.</exception>
    static Span<T> Optional(bool isOn, DeviceSpan operand, int length, [CallerArgumentExpression(nameof(operand))] string? name = null) =>
        Numbers(operand, isOn ? length : 0, name);

    /// <summary>The first whole numbers of an operand, which must have at least as many as its shape says.</summary>
    /// <exception cref="ArgumentException">The operand is shorter, or belongs to another device.</exception>
    static Span<int> WholeNumbers(DeviceIndices operand, int length, [CallerArgumentExpression(nameof(operand))] string? name = null)
    {
        if (operand is not ReferenceIndices indices)
            throw new ArgumentException($"{name} is a {operand?.GetType().Name ?? "null"}, not memory of a reference device", name);
        if (indices.Length < length)
            throw new ArgumentException($"{name} must have {length} elements, has {indices.Length}", name);
        return indices.Values.AsSpan(0, length);
    }

    static ReferenceMatrix<T> Matrix(
        PreparedMatrix? operand, int rows, int columns, MatrixUse use, [CallerArgumentExpression(nameof(operand))] string? name = null)
    {
        var matrix = Matrix(operand, name);
        if ((matrix.Rows, matrix.Columns, matrix.Use) != (rows, columns, use))
        {
            throw new ArgumentException(
                $"{name} must be [{rows},{columns}] for {use}, is [{matrix.Rows},{matrix.Columns}] for {matrix.Use}", name);
        }

        return matrix;
    }

    /// <summary>A matrix that is there exactly when its option is on.</summary>
    static ReferenceMatrix<T>? OptionalMatrix(
        bool isOn, PreparedMatrix? operand, int rows, int columns, MatrixUse use, [CallerArgumentExpression(nameof(operand))] string? name = null)
    {
        if (isOn)
            return Matrix(operand, rows, columns, use, name);
        return operand is null ? null : throw new ArgumentException($"{name} must be null without its option", name);
    }

    static ReferenceMatrix<T> Matrix(PreparedMatrix? operand, [CallerArgumentExpression(nameof(operand))] string? name = null) =>
        operand as ReferenceMatrix<T>
        ?? throw new ArgumentException($"{name} is a {operand?.GetType().Name ?? "null"}, not a matrix of a {nameof(ReferenceDevice<>)} of {typeof(T).Name}", name);

    static void CheckRows(BatchShape shape, RowRange rows)
    {
        if (rows.First < 0 || rows.Count < 0 || rows.First > shape.Rows - rows.Count)
            throw new ArgumentException($"rows {rows.First} to {rows.First + rows.Count} do not lie within a batch of {shape.Rows}", nameof(rows));
    }

    static T Number(float value) => T.CreateChecked(value);
}
