using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>Softmax cross-entropy, one position after the other.</summary>
static unsafe class CrossEntropy<V>
    where V : struct, ILanes<V>
{
    /// <param name="logits">[count,classes]. With <paramref name="gradient"/>: softmax - onehot.</param>
    /// <param name="classes">V.</param>
    /// <param name="targets">[count]; negative ones are ignored.</param>
    /// <param name="count">Positions.</param>
    /// <param name="smoothing">Share that is spread over all classes.</param>
    /// <param name="losses">[count], nats.</param>
    /// <param name="gradient">False to leave the logits.</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(float* logits, int classes, int* targets, int count, float smoothing, float* losses, bool gradient, Scratch scratch)
    {
        var exponentials = scratch.Floats(classes);
        var (share, onTarget) = (smoothing / classes, 1f - smoothing);
        for (var position = 0; position < count; position++, logits += classes)
        {
            var target = targets[position];
            if (target < 0)
            {
                losses[position] = 0f;
                if (gradient) new Span<float>(logits, classes).Clear();
                continue;
            }

            var max = Reductions.Max<V>(logits, classes);
            Elementwise.Run<V, ShiftedExp>(new(logits, max, exponentials), classes);
            var sum = Reductions.Sum<V>(exponentials, classes);

            // The loss is shown, never fed back, so the library's logarithm may differ in its last bit from machine to machine.
            var loss = Math.Log(sum) + ((double)max - logits[target]);
            if (smoothing > 0) loss += smoothing * (logits[target] - ((double)Reductions.Sum<V>(logits, classes) / classes));
            losses[position] = (float)loss;
            if (!gradient) continue;
            if (smoothing > 0) Elementwise.Run<V, ScaledLess>(new(exponentials, 1f / sum, share, logits), classes);
            else Elementwise.Run<V, Scaled>(new(exponentials, 1f / sum, logits), classes);
            logits[target] -= onTarget;
        }
    }

    readonly struct Scaled(float* x, float factor, float* y) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<W>(int index)
            where W : struct, ILanes<W> => W.Store(W.Load(x + index) * W.Splat(factor), y + index);
    }

    readonly struct ScaledLess(float* x, float factor, float less, float* y) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<W>(int index)
            where W : struct, ILanes<W> => W.Store(W.MultiplyAdd(W.Load(x + index), W.Splat(factor), W.Splat(-less)), y + index);
    }
}
