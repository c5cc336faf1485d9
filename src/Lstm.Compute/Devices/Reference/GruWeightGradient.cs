namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void GruWeightGradient(
        in RecurrentShape shape, RowRange rows, in GruActivations activations, in GruGradients gradients, in GruParameters parameters, Summation sum)
    {
        CheckRows(shape.Batch, rows);
        var (D, H, gateRows) = (shape.Inputs, shape.Units, 3 * shape.Units);
        var places = new RecurrentRows(shape, activations.Pass);
        var kept = new GruKept(shape, activations);
        var products = Numbers(gradients.RecurrentProduct, shape.Batch.Positions * gateRows);
        var dW = new GradientSums(Numbers(parameters.Kernel, gateRows * D), sum);
        var dU = new GradientSums(Numbers(parameters.RecurrentKernel, gateRows * H), sum);
        var db = new GradientSums(Numbers(parameters.Bias, gateRows), sum);
        var dc = new GradientSums(Numbers(parameters.RecurrentBias, gateRows), sum);
        for (var turn = 0; turn < TimeSegments.Count(shape.Steps); turn++)
        {
            var segment = TimeSegments.At(turn, shape.Steps, shape.Reverse);
            for (var t = segment.First; t < segment.End; t++)
            {
                for (var row = rows.First; row < rows.First + rows.Count; row++)
                {
                    if (places.IsPadding(t, row))
                        continue;
                    var gates = places.At(kept.Gates, t, row, gateRows);
                    var product = places.At(products, t, row, gateRows);
                    dW.AddProduct(Operands(gates), Operands(places.At(kept.Input, t, row, D)));
                    dU.AddProduct(Operands(product), Operands(places.Before(kept.Hidden, t, row)));
                    db.Add(gates);
                    dc.Add(product);
                }
            }
        }

        dW.Finish();
        dU.Finish();
        db.Finish();
        dc.Finish();
    }
}
