namespace LstmCluster.Compute.Cpu;

/// <summary>Attention, one batch row after the other: scores of all its decoder steps, their softmax, the weighted sums of the values.</summary>
static unsafe class AttentionForward<V>
    where V : struct, ILanes<V>
{
    /// <param name="shape">T, N, S, A, M and the score.</param>
    /// <param name="memory">Operands.</param>
    /// <param name="context">[T,N,M]. Out.</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(in AttentionShape shape, in AttentionMemory memory, float* context, Scratch scratch)
    {
        var packed = scratch.Floats(memory.PackedLength);
        for (var n = 0; n < shape.Rows; n++)
        {
            var length = memory.Length(n);
            var (queries, weights) = (memory.Queries(n), memory.Weights(n));
            var (keys, values) = memory.Sources(n, packed);
            if (shape.Score == AttentionScore.Additive)
                AdditiveScore<V>.Forward(shape.Steps, queries, length, keys, shape.KeySize, memory.ScoreVector, weights);
            else
                VectorDots<V>.Run(shape.Steps, queries, length, keys, shape.KeySize, weights);
            for (var t = 0; t < shape.Steps; t++) Softmax(weights[t], length, shape.SourceSteps);
            WeightedSums<V>.Run(
                shape.Steps, length, shape.ValueSize, new(weights.First, weights.Stride, 1), values, memory.Of(context, n, shape.ValueSize), start: false);
        }
    }

    /// <summary>Scores to weights; beyond the length there are only zeros, whatever the memory held.</summary>
    static void Softmax(float* scores, int length, int sourceSteps)
    {
        new Span<float>(scores + length, sourceSteps - length).Clear();
        if (length == 0) return;
        Elementwise.Run<V, ShiftedExp>(new(scores, Reductions.Max<V>(scores, length), scores), length);
        Elementwise.Run<V, ScaleKernel>(new(scores, 1f / Reductions.Sum<V>(scores, length)), length);
    }
}
