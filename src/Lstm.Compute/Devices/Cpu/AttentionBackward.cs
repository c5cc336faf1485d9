using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>Backward pass of <see cref="AttentionForward{V}"/>: one batch row after the other, in blocks of decoder time from the last to the first.</summary>
static unsafe class AttentionBackward<V>
    where V : struct, ILanes<V>
{
    // So many decoder steps share one pass over the gradients of keys and values. Their sums go on from block to block, so it never shows in the bits.
    const int StepsPerBlock = 32;

    /// <param name="shape">T, N, S, A, M and the score.</param>
    /// <param name="memory">Operands.</param>
    /// <param name="gradients">Gradients.</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(in AttentionShape shape, in AttentionMemory memory, in AttentionGradientMemory gradients, Scratch scratch)
    {
        var block = Math.Min(shape.Steps, StepsPerBlock);
        var packed = scratch.Floats(memory.PackedLength + ((long)block * (shape.SourceSteps + shape.KeySize + shape.ValueSize)));
        var scores = new TimeVectors(packed + memory.PackedLength, shape.SourceSteps);
        var packedQueries = scores[block];
        var packedContexts = packedQueries + ((nint)block * shape.KeySize);
        for (var n = 0; n < shape.Rows; n++)
        {
            var length = memory.Length(n);
            var (keys, values) = memory.Sources(n, packed);
            var (dKeys, dValues) = (memory.Of(gradients.Keys, n, shape.KeySize), memory.Of(gradients.Values, n, shape.ValueSize));
            for (var end = shape.Steps; end > 0; end -= block)
            {
                var first = Math.Max(0, end - block);
                var count = end - first;
                var weights = memory.Weights(n).From(first);
                var queries = memory.Queries(n).From(first).Packed(count, shape.KeySize, packedQueries);
                var dContexts = memory.Of(gradients.Context, n, shape.ValueSize).From(first).Packed(count, shape.ValueSize, packedContexts);
                var dQueries = memory.Of(gradients.Queries, n, shape.KeySize).From(first);

                WeightedSums<V>.Run(
                    length, count, shape.ValueSize, FactorsDescending(weights, count), Descending(dContexts, count), dValues, start: true);
                VectorDots<V>.Run(count, dContexts, length, values, shape.ValueSize, scores);
                for (var t = 0; t < count; t++) SoftmaxGradient(weights[t], scores[t], length);
                if (shape.Score == AttentionScore.Additive)
                {
                    AdditiveScore<V>.Backward(
                        count, queries, length, keys, shape.KeySize, memory.ScoreVector, scores, dQueries, dKeys,
                        gradients.ScoreVector + ((nint)n * shape.KeySize));
                    continue;
                }

                WeightedSums<V>.Run(count, length, shape.KeySize, new(scores.First, scores.Stride, 1), keys, dQueries, start: false);
                WeightedSums<V>.Run(length, count, shape.KeySize, FactorsDescending(scores, count), Descending(queries, count), dKeys, start: true);
            }
        }
    }

    /// <summary><c>ds = w*(dw - sum(w*dw))</c> in place of dw.</summary>
    static void SoftmaxGradient(float* weights, float* gradient, int length) =>
        Elementwise.Run<V, Centered>(new(weights, gradient, Reductions.Dot<V>(weights, gradient, length)), length);

    /// <summary>Vectors over decoder time, from the last to the first.</summary>
    static TimeVectors Descending(TimeVectors vectors, int count) => new(vectors[count - 1], -vectors.Stride);

    /// <summary>One factor for each source step, over decoder time from the last to the first.</summary>
    static Factors FactorsDescending(TimeVectors vectors, int count) => new(vectors[count - 1], 1, -vectors.Stride);

    readonly struct Centered(float* weights, float* gradient, float mean) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<W>(int index)
            where W : struct, ILanes<W> =>
            W.Store(W.Load(weights + index) * (W.Load(gradient + index) - W.Splat(mean)), gradient + index);
    }
}
