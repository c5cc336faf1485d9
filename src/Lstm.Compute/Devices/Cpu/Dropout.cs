using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LstmCluster.Compute.Cpu;

/// <summary>Inverted dropout with Philox masks.</summary>
static unsafe class Dropout<V>
    where V : struct, ILanes<V>
{
    const int WordsPerBlock = 4;

    /// <param name="mask">Rate, key and stream.</param>
    /// <param name="shape">T and N.</param>
    /// <param name="rowKeys">[N,2]: shard, row.</param>
    /// <param name="width">Features.</param>
    /// <param name="input">[T,N,width].</param>
    /// <param name="output">[T,N,width]; may be the input.</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(in DropoutMask mask, BatchShape shape, int* rowKeys, int width, float* input, float* output, Scratch scratch)
    {
        var words = (uint*)scratch.Floats(width + (2L * WordsPerBlock * PhiloxLanes.Blocks));
        for (var t = 0; t < shape.Steps; t++)
        {
            var element = (mask.FirstStep + (long)t) * width;
            var firstBlock = (uint)(element / WordsPerBlock);
            var skipped = (int)(element % WordsPerBlock);
            var blocks = (skipped + width + WordsPerBlock - 1) / WordsPerBlock;
            for (var n = 0; n < shape.Rows; n++, input += width, output += width)
            {
                PhiloxLanes.Fill(mask.Key, firstBlock, blocks, (uint)rowKeys[(2 * n) + 1], (uint)rowKeys[2 * n], mask.Stream, words);
                Elementwise.Run<V, Masked>(new(input, words + skipped, mask.Threshold, mask.KeptScale, output), width);
            }
        }
    }

    readonly struct Masked(float* x, uint* words, uint threshold, float scale, float* y) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<W>(int index)
            where W : struct, ILanes<W> =>
            W.Store(W.ZeroBelow(words + index, threshold, W.Load(x + index) * W.Splat(scale)), y + index);
    }
}

/// <summary>Eight <see cref="Philox"/> blocks at a time.</summary>
static unsafe class PhiloxLanes
{
    /// <summary>Blocks made at once.</summary>
    public const int Blocks = 8;

    /// <summary>Fills <paramref name="words"/> with the words of consecutive blocks, rounded up to whole groups of <see cref="Blocks"/>.</summary>
    public static void Fill(ulong key, uint firstBlock, int blocks, uint row, uint shard, uint stream, uint* words)
    {
        var low32 = Vector512.Create(0xFFFFFFFFUL);
        var m0 = Vector512.Create((ulong)Philox.Multiplier0);
        var m1 = Vector512.Create((ulong)Philox.Multiplier1);
        var even = stackalloc ulong[Blocks];
        var odd = stackalloc ulong[Blocks];
        for (var block = 0; block < blocks; block += Blocks, words += 4 * Blocks)
        {
            var x0 = (Vector512.Create(firstBlock + (ulong)block) + Vector512<ulong>.Indices) & low32;
            var x1 = Vector512.Create((ulong)row);
            var x2 = Vector512.Create((ulong)shard);
            var x3 = Vector512.Create((ulong)stream);
            uint k0 = (uint)key, k1 = (uint)(key >> 32);
            for (var round = 0; round < Philox.Rounds; round++)
            {
                var p0 = m0 * x0;
                var p1 = m1 * x2;
                x0 = (p1 >> 32) ^ x1 ^ Vector512.Create((ulong)k0);
                x2 = (p0 >> 32) ^ x3 ^ Vector512.Create((ulong)k1);
                x1 = p1 & low32;
                x3 = p0 & low32;
                k0 += Philox.Weyl0;
                k1 += Philox.Weyl1;
            }

            (x0 | (x1 << 32)).Store(even);
            (x2 | (x3 << 32)).Store(odd);
            var pairs = (ulong*)words;
            for (var lane = 0; lane < Blocks; lane++)
            {
                pairs[2 * lane] = even[lane];
                pairs[(2 * lane) + 1] = odd[lane];
            }
        }
    }
}
