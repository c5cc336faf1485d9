namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    static readonly GpuKernel s_attentionDots = new("attention", "attention_dots");
    static readonly GpuKernel s_attentionSoftmax = new("attention", "attention_softmax");
    static readonly GpuKernel s_attentionSoftmaxGradient = new("attention", "attention_softmax_gradient");
    static readonly GpuKernel s_attentionSumSources = new("attention", "attention_sum_sources");
    static readonly GpuKernel s_attentionSumTargets = new("attention", "attention_sum_targets");
    static readonly GpuKernel s_additiveQueries = new("attention", "attention_additive_queries");
    static readonly GpuKernel s_additiveKeys = new("attention", "attention_additive_keys");
    static readonly GpuKernel s_additiveVector = new("attention", "attention_additive_vector");

    /// <inheritdoc/>
    public void AttentionForward(in AttentionShape shape, in AttentionOperands operands)
    {
        var at = new AttentionSpans(_runtime, shape, operands);
        var (positions, rows, sources) = (checked(shape.Steps * shape.Rows), shape.Rows, shape.SourceSteps);
        var context = At(operands.Context, (long)positions * shape.ValueSize);
        Launch(s_attentionDots, GpuGrid.Rows(checked(positions * sources)), [at.Queries, at.Keys, at.Vector, at.Lengths, at.Weights, rows, sources, shape.KeySize]);
        if (sources > 0) Launch(s_attentionSoftmax, GpuGrid.Rows(positions), [at.Weights, at.Lengths, rows, sources]);
        SumSources(shape, at.Lengths, at.Weights, at.Values, shape.ValueSize, context);
    }

    /// <inheritdoc/>
    public void AttentionBackward(in AttentionShape shape, in AttentionOperands operands, in AttentionGradients gradients)
    {
        var at = new AttentionSpans(_runtime, shape, operands);
        var (steps, rows, sources, width) = (shape.Steps, shape.Rows, shape.SourceSteps, shape.KeySize);
        var (targets, sourcePositions) = (checked(steps * rows), checked(sources * rows));
        var (dContext, dQueries) = (At(gradients.Context, (long)targets * shape.ValueSize), At(gradients.Queries, (long)targets * width));
        var (dKeys, dValues) = (At(gradients.Keys, (long)sourcePositions * width), At(gradients.Values, (long)sourcePositions * shape.ValueSize));
        var isAdditive = shape.Score == AttentionScore.Additive;
        var dVector = isAdditive ? At(gradients.ScoreVector, (long)rows * width) : GpuSpan.None;

        var scores = _scratch.Take((long)targets * sources);
        SumTargets(shape, at.Lengths, at.Weights, dContext, shape.ValueSize, dValues);
        Launch(s_attentionDots, GpuGrid.Rows(checked(targets * sources)), [dContext, at.Values, GpuSpan.None, at.Lengths, scores, rows, sources, shape.ValueSize]);
        if (sources > 0) Launch(s_attentionSoftmaxGradient, GpuGrid.Rows(targets), [at.Weights, scores, at.Lengths, rows, sources]);
        if (!isAdditive)
        {
            SumSources(shape, at.Lengths, scores, at.Keys, width, dQueries);
            SumTargets(shape, at.Lengths, scores, at.Queries, width, dKeys);
            return;
        }

        Launch(s_additiveQueries, GpuGrid.Elements(targets * width),
            [at.Queries, at.Keys, at.Vector, scores, at.Lengths, dQueries, rows, sources, width, targets * width]);
        Launch(s_additiveKeys, GpuGrid.Elements(sourcePositions * width),
            [at.Queries, at.Keys, at.Vector, scores, at.Lengths, dKeys, steps, rows, sources, width, sourcePositions * width]);
        Launch(s_additiveVector, GpuGrid.Elements(rows * width),
            [at.Queries, at.Keys, scores, at.Lengths, dVector, steps, rows, sources, width, rows * width]);
    }

    /// <summary>[T,N,width]: over the source steps.</summary>
    void SumSources(in AttentionShape shape, GpuSpan lengths, GpuSpan factors, GpuSpan vectors, int width, GpuSpan sums)
    {
        var count = checked(shape.Steps * shape.Rows * width);
        Launch(s_attentionSumSources, GpuGrid.Elements(count), [factors, vectors, lengths, sums, shape.Rows, shape.SourceSteps, width, count]);
    }

    /// <summary>[S,N,width]: over the decoder steps, each sum going on from what it holds.</summary>
    void SumTargets(in AttentionShape shape, GpuSpan lengths, GpuSpan factors, GpuSpan vectors, int width, GpuSpan sums)
    {
        var count = checked(shape.SourceSteps * shape.Rows * width);
        Launch(s_attentionSumTargets, GpuGrid.Elements(count), [factors, vectors, lengths, sums, shape.Steps, shape.Rows, shape.SourceSteps, width, count]);
    }

    /// <summary>The operands of an attention, checked against its shape.</summary>
    readonly struct AttentionSpans
    {
        public AttentionSpans(IGpuRuntime runtime, in AttentionShape shape, in AttentionOperands operands)
        {
            shape.Check();
            var (targets, sources) = ((long)shape.Steps * shape.Rows, (long)shape.SourceSteps * shape.Rows);
            Queries = operands.Queries.At(runtime, targets * shape.KeySize);
            Keys = operands.Keys.At(runtime, sources * shape.KeySize);
            Values = operands.Values.At(runtime, sources * shape.ValueSize);
            Weights = operands.Weights.At(runtime, targets * shape.SourceSteps);
            Vector = shape.Score == AttentionScore.Additive ? operands.ScoreVector.At(runtime, shape.KeySize) : GpuSpan.None;
            Lengths = GpuSpan.None;
            if (operands.SourceLengths is not { } lengths) return;
            Lengths = lengths.At(runtime, shape.Rows);
            CheckLengths(lengths.Written(shape.Rows), shape.SourceSteps, nameof(operands));
        }

        public readonly GpuSpan Queries, Keys, Values, Weights, Vector, Lengths;
    }
}
