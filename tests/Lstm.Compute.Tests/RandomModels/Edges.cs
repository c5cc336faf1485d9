namespace LstmCluster.Compute.Tests;

/// <summary>How near a computation comes to the points where a function of the suite is not smooth.</summary>
static class Edges
{
    /// <summary>Least distance of a new cell from the limit of its layer.</summary>
    /// <param name="sample">A model in which no layer recomputes.</param>
    /// <param name="layers">Its layers.</param>
    /// <param name="outputs">What the model gives in training.</param>
    public static double OfCells(ModelSample sample, IEnumerable<Layer> layers, out double[] outputs)
    {
        var least = double.PositiveInfinity;
        outputs = Forward(sample, run =>
        {
            foreach (var lstm in layers.SelectMany(Within).OfType<Lstm>().Where(lstm => lstm.Options.CellClip > 0))
                least = Math.Min(least, OfCells(run.Trace(lstm), lstm.Options.CellClip));
        });
        return least;
    }

    /// <summary>Least distance of an error from the corner of Huber's loss.</summary>
    public static double OfHuber(double delta, double[] outputs, float[] values) =>
        outputs.Zip(values, (output, value) => Math.Abs(Math.Abs(output - value) - delta)).Where(double.IsFinite).DefaultIfEmpty(double.PositiveInfinity).Min();

    /// <summary>Least distance of a maximum over time from the next greatest, within rows' lengths.</summary>
    /// <param name="vectors">[T,N,features].</param>
    /// <param name="batch">The batch.</param>
    public static double OfMaxima(double[] vectors, SampleBatch batch)
    {
        var ((steps, rows), least) = (batch.Shape, double.PositiveInfinity);
        var width = vectors.Length / (steps * rows);
        for (var row = 0; row < rows; row++)
        {
            var length = batch.Lengths.Length == 0 ? steps : batch.Lengths[row];
            for (var feature = 0; feature < width; feature++)
                least = Math.Min(least, Lead(Enumerable.Range(0, length).Select(step => vectors[(((step * rows) + row) * width) + feature])));
        }

        return least;
    }

    /// <summary>Least distance of a best score from the next best.</summary>
    public static double OfBestClasses(double[] scores, int classes) => scores.Chunk(classes).Min(Lead);

    /// <summary>True when two features alone are normalised: what remains of their gradient is rounding, and how much depends on the order of a device's operations.</summary>
    public static bool NormalisesPairs(Model model) => model.Parts.OfType<Layer>().SelectMany(Within)
        .Any(layer => layer is LayerNormalization { InputSize: 2 } or Lstm { Units: 2, Options.LayerNorm: true });

    /// <summary>What a model gives in training, in double precision.</summary>
    public static double[] OutputsOf(ModelSample sample) => Forward(sample, _ => { });

    static double[] Forward(ModelSample sample, Action<ModelRun> then)
    {
        using var device = new ReferenceDevice<double>();
        using var operands = new Operands(device, Placement.BetweenNotNumbers);
        using var weights = new ModelWeights(sample.Model, device, training: true);
        using var run = sample.Model.CreateRun(device);
        weights.Load(operands.Numbers("parameters", sample.Parameters));
        ModelSample.Load(run, sample.Whole);
        run.Forward(weights, training: true, sample.MaskKey);
        var outputs = new float[run.LossShape.Positions * sample.Outputs];
        run.ReadOutputs(outputs);
        then(run);
        return Array.ConvertAll(outputs, value => (double)value);
    }

    static double OfCells(LstmTrace trace, double limit)
    {
        var least = double.PositiveInfinity;
        for (var step = 0; step < trace.Shape.Steps; step++)
        {
            for (var row = 0; row < trace.Shape.Rows; row++)
            {
                for (var unit = 0; unit < trace.Units; unit++)
                {
                    var kept = (double)trace.Gate(Gate.Forget, step, row)[unit] * trace.CellBefore(step, row)[unit];
                    var cell = kept + ((double)trace.Gate(Gate.Input, step, row)[unit] * trace.Gate(Gate.Candidate, step, row)[unit]);
                    least = Math.Min(least, Math.Abs(Math.Abs(cell) - limit));
                }
            }
        }

        return least;
    }

    static double Lead(IEnumerable<double> values)
    {
        var (first, second) = (double.NegativeInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            if (value > first)
                (first, second) = (value, first);
            else
                second = Math.Max(second, value);
        }

        return double.IsFinite(second) ? first - second : double.PositiveInfinity;
    }

    static IEnumerable<Layer> Within(Layer layer) => layer switch
    {
        Bidirectional both => [both.Forward, both.Backward],
        Residual residual => Within(residual.Inner),
        _ => [layer],
    };
}
