using System.Collections;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Sequences that are made when they are asked for: each a pure function of the job's seed and its number.</summary>
/// <param name="options">What is made.</param>
/// <param name="seed">The job's seed.</param>
/// <param name="first">Number of the first sequence.</param>
/// <param name="count">Number of sequences.</param>
sealed class SyntheticSamples(SyntheticOptions options, ulong seed, int first, int count) : IMadeSamples
{
    public int Count => count;

    public Sample this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)count, nameof(index));
            var numbers = new RandomNumbers(seed, first + index);
            return options.Kind switch
            {
                SyntheticKind.Adding => Adding(ref numbers),
                SyntheticKind.SpikeDelays => SpikeDelays(ref numbers),
                SyntheticKind.TimedSpikes => TimedSpikes(ref numbers),
                SyntheticKind.Periodic => Periodic(),
                _ => throw new NotSupportedException($"no samples of {options.Kind}"),
            };
        }
    }

    public int StepsOf(int index)
    {
        var numbers = new RandomNumbers(seed, first + index);
        return options.Kind switch
        {
            SyntheticKind.Adding => StepsOfAdding(ref numbers),
            SyntheticKind.SpikeDelays => StepsOf(Delays(ref numbers)),
            SyntheticKind.TimedSpikes => StepsOf(Delays(ref numbers)) - 1,
            _ => options.Length,
        };
    }

    public IEnumerator<Sample> GetEnumerator() => Enumerable.Range(0, count).Select(index => this[index]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>
    /// Pairs of a number in [-1,1] and a mark. One of the first ten pairs is marked with 1 and one of the first half of the others, the first and the last pair with -1; the target is
    /// 0.5 + (X1 + X2) / 4. Where the first pair is the one that is marked its number is 0.
    /// </summary>
    Sample Adding(ref RandomNumbers numbers)
    {
        var steps = StepsOfAdding(ref numbers);
        var features = new float[2 * steps];
        for (var step = 0; step < steps; step++) features[2 * step] = (2 * numbers.Unit()) - 1;
        var one = numbers.Below(10);
        var other = numbers.Below((options.Length / 2) - 1);
        if (other >= one) other++;
        features[1] = features[(2 * steps) - 1] = -1;
        features[(2 * one) + 1] = features[(2 * other) + 1] = 1;
        if (one == 0 || other == 0) features[0] = 0;
        return new Sample { Steps = steps, Features = features, Values = [0.5f + ((features[2 * one] + features[2 * other]) / 4)] };
    }

    /// <summary>A spike at the beginning, and then one after each F + I(n) steps with I(n) even over 0..I: at each of them I(n) / I is to be told.</summary>
    Sample SpikeDelays(ref RandomNumbers numbers)
    {
        var delays = Delays(ref numbers);
        var steps = StepsOf(delays);
        var (features, values) = (new float[steps], new float[steps]);
        values.AsSpan().Fill(float.NaN);
        features[0] = 1;
        var at = 0;
        foreach (var delay in delays)
        {
            at += options.Interval + delay;
            (features[at], values[at]) = (1, (float)delay / options.Range);
        }

        return new Sample { Steps = steps, Features = features, Values = values };
    }

    /// <summary>The same the other way round: I(n) / I is read at each step of an interval of F + I(n) steps, and a spike told at its last one, 0 before.</summary>
    Sample TimedSpikes(ref RandomNumbers numbers)
    {
        var delays = Delays(ref numbers);
        var steps = StepsOf(delays) - 1;
        var (features, values) = (new float[steps], new float[steps]);
        var at = 0;
        foreach (var delay in delays)
        {
            var end = at + options.Interval + delay;
            features.AsSpan(at..end).Fill((float)delay / options.Range);
            values[end - 1] = 1;
            at = end;
        }

        return new Sample { Steps = steps, Features = features, Values = values };
    }

    int StepsOfAdding(ref RandomNumbers numbers) => options.Length + numbers.Below((options.Length / 10) + 1);

    int[] Delays(ref RandomNumbers numbers)
    {
        var delays = new int[options.Spikes];
        foreach (ref var delay in delays.AsSpan()) delay = numbers.Below(options.Range + 1);
        return delays;
    }

    int StepsOf(int[] delays) => 1 + delays.Sum(delay => options.Interval + delay);

    /// <summary>A function of time from 0 to 1 that starts at 0, without any input.</summary>
    Sample Periodic()
    {
        var values = new float[options.Length];
        for (var step = 0; step < values.Length; step++) values[step] = Function((double)(step % options.Period) / options.Period);
        return new Sample { Steps = values.Length, Features = new float[values.Length], Values = values };
    }

    /// <param name="phase">Place in the period, from 0 up to, not including, 1.</param>
    float Function(double phase) => options.Shape switch
    {
        PeriodicShape.Cosine => (float)((1 - PortableMath.CosPi(2 * phase)) / 2),
        PeriodicShape.Triangle => (float)(1 - Math.Abs(1 - (2 * phase))),
        PeriodicShape.Rectangle => phase > 0.5 ? 1 : 0,
        _ => throw new NotSupportedException($"no function for {options.Shape}"),
    };

    /// <summary>Random numbers of one sequence, from Philox, keyed apart from masks and shuffles.</summary>
    struct RandomNumbers(ulong seed, int sequence)
    {
        // Masks are keyed by steps from 1 on, initial weights by -1 and shuffles by -2 and below: a third counter word of its own keeps these apart.
        const uint SequenceStream = 2;

        readonly ulong _key = Philox.KeyOf(seed, -2);
        uint _position;

        /// <summary>A number in 0..limit-1.</summary>
        public int Below(int limit) => (int)(((ulong)Next() * (uint)limit) >> 32);

        /// <summary>A number from 0 up to, not including, 1.</summary>
        public float Unit() => (Next() >> 8) / (float)(1 << 24);

        uint Next()
        {
            uint x0 = _position++, x1 = (uint)sequence, x2 = SequenceStream, x3 = 0;
            Philox.Block(_key, ref x0, ref x1, ref x2, ref x3);
            return x0;
        }
    }
}
