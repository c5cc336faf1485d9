namespace LstmCluster.Compute.Tests;

/// <summary>A model with weights and a batch.</summary>
/// <param name="Model">The model.</param>
/// <param name="Outputs">Outputs at a loss position.</param>
/// <param name="Whole">The batch.</param>
/// <param name="Parameters">The weights.</param>
/// <param name="MaskKey">Key of the step's masks.</param>
sealed record ModelSample(Model Model, int Outputs, SampleBatch Whole, double[] Parameters, ulong MaskKey)
{
    /// <summary>What training starts from, and enough noise that no two weights are equal and none is zero.</summary>
    public static double[] Weights(Model model, int seed, Draw draw)
    {
        var initial = new float[model.Parameters.Length];
        model.Parameters.Initialize((ulong)seed, initial);
        return [.. initial.Zip(draw.Uniform(initial.Length, 0.4), (start, noise) => (double)(float)(start + noise))];
    }

    /// <summary>The same with each weight moved by half of what single precision resolves, up or down.</summary>
    public ModelSample WithRoundedWeights(int seed)
    {
        var signs = new Draw(seed).Uniform(Parameters.Length);
        return this with { Parameters = [.. Parameters.Zip(signs, (weight, sign) => weight * (1 + (Math.Sign(sign) * Math.ScaleB(1, -24))))] };
    }

    /// <summary>Lets a run take in a batch and what its rows start from.</summary>
    public static void Load(ModelRun run, SampleBatch batch)
    {
        run.Load(batch.Batch);
        foreach (var (row, state) in batch.States.Index())
        {
            if (state is not null)
                run.WriteState(row, state);
        }
    }

    /// <summary>The losses that were taken last, in the device's own precision.</summary>
    public static DeviceSpan LossesOf(ModelRun run) => run switch
    {
        SequenceRun sequence => sequence.DeviceLosses,
        EncoderDecoderRun pair => pair.DeviceLosses,
        _ => throw new ArgumentException("a run of an unknown model", nameof(run)),
    };
}
