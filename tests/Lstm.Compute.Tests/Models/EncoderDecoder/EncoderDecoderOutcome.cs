namespace LstmCluster.Compute.Tests;

/// <summary>What a batch gives on a device.</summary>
/// <param name="Outputs">[U,N,V].</param>
/// <param name="Losses">[U,N].</param>
/// <param name="Gradient">Of the sum over all shards; empty out of training.</param>
/// <param name="Attention">[U,N,S]; empty without attention.</param>
sealed record EncoderDecoderOutcome(double[] Outputs, double[] Losses, double[] Gradient, double[] Attention)
{
    /// <summary>Runs the case's own batch, or another one for the same model.</summary>
    public static EncoderDecoderOutcome Of(
        EncoderDecoderCase chosen, IDevice device, Batch batch, bool training = true, Action<EncoderDecoderRun>? prepare = null, double[]? parameters = null)
    {
        using var operands = new Operands(device, Placement.BetweenNotNumbers);
        using var weights = new ModelWeights(chosen.Model, device, training: true);
        using var run = new EncoderDecoderRun(chosen.Model, device);
        weights.Load(operands.Numbers("parameters", parameters ?? chosen.Parameters));
        prepare?.Invoke(run);
        run.Load(batch);
        run.Forward(weights, training, chosen.MaskKey);
        var scores = new float[run.LossShape.Positions * chosen.Model.Classes];
        run.ReadOutputs(scores);
        var looks = new float[chosen.Model.Options.Attention is null ? 0 : run.LossShape.Positions * batch.Shape.Steps];
        if (looks.Length > 0) run.ReadAttention(looks);
        if (batch.Classes.IsEmpty) return new(Doubles(scores), [], [], Doubles(looks));
        run.Losses(new float[run.LossShape.Positions]);
        var losses = operands.Read(run.DeviceLosses);
        if (!training) return new(Doubles(scores), losses, [], Doubles(looks));
        var gradient = operands.Unwritten("gradient", chosen.Model.Parameters.Length);
        run.Backward(weights, [new GradientTarget(new(batch.Shards[0].Shard, batch.Shards.Length), gradient)]);
        return new(Doubles(scores), losses, operands.Read(gradient), Doubles(looks));
    }

    static double[] Doubles(float[] values) => Array.ConvertAll(values, x => (double)x);
}
