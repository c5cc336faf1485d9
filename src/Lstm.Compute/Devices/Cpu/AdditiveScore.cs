using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>The additive score <c>v . tanh(q + k)</c> of each decoder step with each source step of one batch row.</summary>
/// <remarks>Backward takes tanh again rather than from memory: there are T*S*A of them, and the polynomial is as fast as the memory would be.</remarks>
static unsafe class AdditiveScore<V>
    where V : struct, ILanes<V>
{
    const int Lanes = Reductions.VirtualLanes;

    /// <param name="steps">Decoder steps.</param>
    /// <param name="queries">[steps] vectors of A.</param>
    /// <param name="length">Source steps.</param>
    /// <param name="keys">[length] vectors of A.</param>
    /// <param name="width">A.</param>
    /// <param name="vector">v, [A].</param>
    /// <param name="scores">[steps] vectors of length. Out.</param>
    public static void Forward(int steps, TimeVectors queries, int length, TimeVectors keys, int width, float* vector, TimeVectors scores)
    {
        var lanes = stackalloc float[Lanes];
        var whole = width - (width % Lanes);
        for (var t = 0; t < steps; t++)
        {
            var query = queries[t];
            for (var s = 0; s < length; s++)
            {
                var key = keys[s];
                for (var lane = 0; lane < Lanes; lane += V.Count)
                {
                    var sum = V.Splat(0f);
                    for (var index = lane; index < whole; index += Lanes) sum = Term(query + index, key + index, vector + index, sum);
                    V.Store(sum, lanes + lane);
                }

                var tail = whole;
                for (; tail <= width - Lanes4.Count; tail += Lanes4.Count) AddTerm<Lanes4>(query + tail, key + tail, vector + tail, lanes + (tail - whole));
                for (; tail < width; tail++) AddTerm<Lanes1>(query + tail, key + tail, vector + tail, lanes + (tail - whole));
                scores[t][s] = Reductions.Fold(lanes);
            }
        }
    }

    /// <param name="steps">Decoder steps.</param>
    /// <param name="queries">[steps] vectors of A.</param>
    /// <param name="length">Source steps.</param>
    /// <param name="keys">[length] vectors of A.</param>
    /// <param name="width">A.</param>
    /// <param name="vector">v, [A].</param>
    /// <param name="dScores">[steps] vectors of length.</param>
    /// <param name="dQueries">[steps] vectors of A. Out.</param>
    /// <param name="dKeys">[length] vectors of A. Added to.</param>
    /// <param name="dVector">[A]. Added to.</param>
    public static void Backward(
        int steps, TimeVectors queries, int length, TimeVectors keys, int width, float* vector,
        TimeVectors dScores, TimeVectors dQueries, TimeVectors dKeys, float* dVector)
    {
        for (var t = steps - 1; t >= 0; t--)
        {
            float* dScore = dScores[t], dQuery = dQueries[t];
            new Span<float>(dQuery, width).Clear();
            for (var s = 0; s < length; s++)
            {
                var gradient = new Gradient(dScore[s], queries[t], keys[s], vector, dQuery, dKeys[s], dVector);
                var column = 0;
                for (; column <= width - V.Count; column += V.Count) gradient.Apply<V>(column);
                for (; column <= width - Lanes4.Count; column += Lanes4.Count) gradient.Apply<Lanes4>(column);
                for (; column < width; column++) gradient.Apply<Lanes1>(column);
            }
        }
    }

    readonly struct Gradient(float dScore, float* query, float* key, float* vector, float* dQuery, float* dKey, float* dVector) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<W>(int index)
            where W : struct, ILanes<W>
        {
            var (one, d) = (W.Splat(1f), W.Splat(dScore));
            var energy = Transcendental.Tanh(W.Load(query + index) + W.Load(key + index));
            var gradient = d * W.Load(vector + index) * (one - (energy * energy));
            W.Store(W.Load(dQuery + index) + gradient, dQuery + index);
            W.Store(W.Load(dKey + index) + gradient, dKey + index);
            W.Store(W.MultiplyAdd(d, energy, W.Load(dVector + index)), dVector + index);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static W Term<W>(float* query, float* key, float* vector, W sum)
        where W : struct, ILanes<W> => W.MultiplyAdd(W.Load(vector), Transcendental.Tanh(W.Load(query) + W.Load(key)), sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void AddTerm<W>(float* query, float* key, float* vector, float* sum)
        where W : struct, ILanes<W> => W.Store(Term(query, key, vector, W.Load(sum)), sum);
}
