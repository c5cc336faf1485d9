namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void RnnWeightGradient(
        in RecurrentShape shape, RowRange rows, in RnnActivations activations, in RnnGradients gradients, in RnnParameters parameters, bool accumulate)
    {
        CheckRows(shape.Batch, rows);
        var (D, H, positions) = (shape.Inputs, shape.Units, shape.Batch.Positions);
        var places = new RecurrentRows(shape, activations.Pass);
        var inputs = Numbers(activations.Input, positions * D);
        var hidden = Numbers(activations.Hidden, (positions + shape.Rows) * H);
        var outputs = Numbers(gradients.Output, positions * H);
        var dW = new GradientSums(Numbers(parameters.Kernel, H * D));
        var dU = new GradientSums(Numbers(parameters.RecurrentKernel, H * H));
        var db = new GradientSums(Numbers(parameters.Bias, H));
        for (var t = 0; t < shape.Steps; t++)
        {
            for (var row = rows.First; row < rows.First + rows.Count; row++)
            {
                if (places.IsPadding(t, row))
                    continue;
                var da = places.At(outputs, t, row, H);
                dW.AddProduct(da, places.At(inputs, t, row, D));
                dU.AddProduct(da, places.Before(hidden, t, row));
                db.Add(da);
            }
        }

        dW.Finish(accumulate);
        dU.Finish(accumulate);
        db.Finish(accumulate);
    }
}
