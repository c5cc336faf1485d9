namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void RnnWeightGradient(
        in RecurrentShape shape, RowRange rows, in RnnActivations activations, in RnnGradients gradients, in RnnParameters parameters, Summation sum)
    {
        CheckRows(shape.Batch, rows);
        var (D, H, positions) = (shape.Inputs, shape.Units, shape.Batch.Positions);
        var places = new RecurrentRows(shape, activations.Pass);
        var inputs = Numbers(activations.Input, positions * D);
        var hidden = Numbers(activations.Hidden, (positions + shape.Rows) * H);
        var outputs = Numbers(gradients.Output, positions * H);
        var dW = new GradientSums(Numbers(parameters.Kernel, H * D), sum);
        var dU = new GradientSums(Numbers(parameters.RecurrentKernel, H * H), sum);
        var db = new GradientSums(Numbers(parameters.Bias, H), sum);
        for (var turn = 0; turn < TimeSegments.Count(shape.Steps); turn++)
        {
            var segment = TimeSegments.At(turn, shape.Steps, shape.Reverse);
            for (var t = segment.First; t < segment.End; t++)
            {
                for (var row = rows.First; row < rows.First + rows.Count; row++)
                {
                    if (places.IsPadding(t, row))
                        continue;
                    var da = places.At(outputs, t, row, H);
                    dW.AddProduct(Operands(da), Operands(places.At(inputs, t, row, D)));
                    dU.AddProduct(Operands(da), Operands(places.Before(hidden, t, row)));
                    db.Add(da);
                }
            }
        }

        dW.Finish();
        dU.Finish();
        db.Finish();
    }
}
