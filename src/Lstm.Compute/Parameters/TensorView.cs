namespace LstmCluster.Compute;

/// <summary>A named tensor of a layer, or whole rows of one, by its place within the layer's run of a vector laid out like the parameters.</summary>
/// <remarks>It holds no numbers: <see cref="Model.View(Span{float}, ModelPart, TensorView)"/> gives those of weights, gradient or optimizer state.</remarks>
/// <param name="Name">Name of the tensor within the layer, such as <c>weight_hh_l0</c>.</param>
/// <param name="Offset">Index of the first element within the layer's run.</param>
/// <param name="Rows">Rows; 1 for a vector.</param>
/// <param name="Columns">Columns, row-major.</param>
public readonly record struct TensorView(string Name, int Offset, int Rows, int Columns)
{
    /// <summary>Number of elements.</summary>
    public int Length => Rows * Columns;
}
