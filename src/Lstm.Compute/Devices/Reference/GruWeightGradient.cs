namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void GruWeightGradient(
        in RecurrentShape shape, RowRange rows, in GruActivations activations, in GruGradients gradients, in GruParameters parameters, bool accumulate)
    {
        CheckRows(shape.Batch, rows);
        var (D, H, gateRows) = (shape.Inputs, shape.Units, 3 * shape.Units);
        var places = new RecurrentRows(shape, activations.Pass);
        var kept = new GruKept(shape, activations);
        var products = Numbers(gradients.RecurrentProduct, shape.Batch.Positions * gateRows);
        var dW = new GradientSums(Numbers(parameters.Kernel, gateRows * D));
        var dU = new GradientSums(Numbers(parameters.RecurrentKernel, gateRows * H));
        var db = new GradientSums(Numbers(parameters.Bias, gateRows));
        var dc = new GradientSums(Numbers(parameters.RecurrentBias, gateRows));
        for (var t = 0; t < shape.Steps; t++)
        {
            for (var row = rows.First; row < rows.First + rows.Count; row++)
            {
                if (places.IsPadding(t, row))
                    continue;
                var gates = places.At(kept.Gates, t, row, gateRows);
                var product = places.At(products, t, row, gateRows);
                dW.AddProduct(gates, places.At(kept.Input, t, row, D));
                dU.AddProduct(product, places.Before(kept.Hidden, t, row));
                db.Add(gates);
                dc.Add(product);
            }
        }

        dW.Finish(accumulate);
        dU.Finish(accumulate);
        db.Finish(accumulate);
        dc.Finish(accumulate);
    }
}
