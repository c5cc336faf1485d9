namespace LstmCluster.Compute.Tests;

/// <summary>How a case treats small errors, so that a test can choose cases in which they stay small.</summary>
static class LstmConditioning
{
    /// <summary>True when a cell is so near the limit that a small error decides whether a gradient flows.</summary>
    /// <param name="layer">The case.</param>
    /// <param name="margin">How near, as a fraction of the limit.</param>
    public static bool IsNearTheLimit(LstmCase layer, float margin)
    {
        return layer.Shape.Options.CellClip > 0 && !Clipped(1 - margin).SequenceEqual(Clipped(1 + margin));

        IEnumerable<bool> Clipped(float factor)
        {
            var options = layer.Shape.Options with { CellClip = layer.Shape.Options.CellClip * factor };
            return Forward(layer.With(options)).NewCells.Select(cell => Math.Abs(cell) >= options.CellClip);
        }
    }

    // Single precision that sums in another order is off by as much, now and then by several times as much.
    const double Roundings = 16;

    /// <summary>What an operation of the case may be off by, as a fraction of its results: more where layer normalisation enlarges each rounding.</summary>
    public static double Tolerance(LstmCase layer, Action<Operands> operation) => !layer.Shape.Options.LayerNorm
        ? Agreement.Tolerance
        : (Agreement.Tolerance * Math.Max(1, LargestInverseDeviation(layer))) + (Roundings * Agreement.SinglePrecisionError(operation, LeastMagnitude(layer)));

    /// <summary>By how much layer normalisation enlarges an error in a vector, at most; a vector of one element is constant whatever it holds.</summary>
    public static double LargestInverseDeviation(LstmCase layer)
    {
        if (!layer.Shape.Options.LayerNorm)
            return 1;
        var deviations = Forward(layer).InverseDeviations;
        return (layer.Shape.Units == 1 ? deviations.Where((_, index) => index / layer.Shape.Rows % 3 != 2) : deviations).Max();
    }

    /// <summary>Where normalisation makes a result independent of its operand, its gradient is what is left of terms of this magnitude.</summary>
    public static double LeastMagnitude(LstmCase layer) => layer.Shape.Options.LayerNorm ? 1 : 0;

    static LstmOutcome Forward(LstmCase layer)
    {
        using var device = new ReferenceDevice<double>();
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        return layer.On(run, backward: false);
    }
}
