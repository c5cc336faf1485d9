namespace LstmCluster.Data;

/// <summary>The samples of one step's whole batch, from which each shard's part is copied, time-major and padded to the longest of all.</summary>
public readonly ref struct SampleBatch
{
    readonly SampleSet _set;
    readonly Sample[] _samples;

    /// <summary>Lays samples side by side.</summary>
    /// <param name="set">Where they are from.</param>
    /// <param name="samples">Index of the sample in each row.</param>
    /// <param name="endToken">Class that ends each target sequence.</param>
    public SampleBatch(SampleSet set, ReadOnlySpan<int> samples, int endToken = 0)
        : this(set, SamplesOf(set, samples), endToken)
    {
    }

    /// <summary>Lays samples side by side.</summary>
    /// <param name="set">Where they are from.</param>
    /// <param name="samples">The sample in each row.</param>
    /// <param name="endToken">Class that ends each target sequence.</param>
    public SampleBatch(SampleSet set, Sample[] samples, int endToken)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(samples);
        (_set, _samples, EndToken) = (set, samples, endToken);
        foreach (var sample in _samples)
        {
            Steps = Math.Max(Steps, sample.Steps);
            foreach (var word in sample.Characters) CharacterSteps = Math.Max(CharacterSteps, word.Length);
            TargetSteps = Math.Max(TargetSteps, set.Targets == SampleTargets.Sequence ? sample.Classes.Length + 1 : 1);
        }

        if (set.Targets is SampleTargets.ClassOfEachStep or SampleTargets.ValuesOfEachStep) TargetSteps = Steps;
        foreach (var sample in _samples) IsRagged |= sample.Steps < Steps;
    }

    /// <summary>Reads or makes the samples of a batch, where they are not in memory.</summary>
    /// <param name="set">Where they are from.</param>
    /// <param name="samples">Index of the sample in each row.</param>
    /// <param name="mostSteps">Time steps at which samples with an answer at each step are cut off.</param>
    public static Sample[] SamplesOf(SampleSet set, ReadOnlySpan<int> samples, int mostSteps = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(set);
        var own = new Sample[samples.Length];
        for (var row = 0; row < own.Length; row++) own[row] = set[samples[row]].Beginning(mostSteps, set.Features, set.Outputs);
        return own;
    }

    /// <summary>Class that ends each target sequence.</summary>
    public int EndToken { get; }

    /// <summary>T, steps of the longest input.</summary>
    public int Steps { get; }

    /// <summary>C, characters of the longest token; 0 where they are not read.</summary>
    public int CharacterSteps { get; }

    /// <summary>Steps of the loss positions: 1, T, or those of the longest target sequence with its end.</summary>
    public int TargetSteps { get; }

    /// <summary>True when the inputs have different lengths.</summary>
    public bool IsRagged { get; }

    /// <summary>Number of samples, N.</summary>
    public int Rows => _samples.Length;

    /// <summary>Copies lengths.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="lengths">[n]. Out only.</param>
    public void FillLengths(BatchRows rows, Span<int> lengths)
    {
        for (var row = 0; row < rows.Count; row++) lengths[row] = Of(rows, row).Steps;
    }

    /// <summary>Copies tokens.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="tokens">[T,n]; 0 beyond a row's length. Out only.</param>
    public void FillTokens(BatchRows rows, Span<int> tokens)
    {
        tokens.Clear();
        for (var row = 0; row < rows.Count; row++) Scatter(Of(rows, row).Tokens, tokens[row..], rows.Count);
    }

    /// <summary>Copies the characters of tokens.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="characters">[T,n,C]; -1 behind a token's end, and beyond a row's length. Out only.</param>
    public void FillCharacters(BatchRows rows, Span<int> characters)
    {
        characters.Fill(-1);
        for (var row = 0; row < rows.Count; row++)
        {
            var words = Of(rows, row).Characters;
            for (var t = 0; t < words.Length; t++) words[t].CopyTo(characters[(((t * rows.Count) + row) * CharacterSteps)..]);
        }
    }

    /// <summary>Copies features.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="features">[T,n,D]; 0 beyond a row's length. Out only.</param>
    public void FillFeatures(BatchRows rows, Span<float> features)
    {
        var width = _set.Features;
        features.Clear();
        for (var row = 0; row < rows.Count; row++)
        {
            var sample = Of(rows, row);
            for (var t = 0; t < sample.Steps; t++)
                sample.Features.AsSpan(t * width, width).CopyTo(features[(((t * rows.Count) + row) * width)..]);
        }
    }

    /// <summary>Copies classes; a target sequence's are followed by its end.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="classes">[TargetSteps,n]; -1 where there is none. Out only.</param>
    public void FillClasses(BatchRows rows, Span<int> classes)
    {
        classes.Fill(-1);
        for (var row = 0; row < rows.Count; row++)
        {
            var sample = Of(rows, row);
            Scatter(sample.Classes, classes[row..], rows.Count);
            if (_set.Targets == SampleTargets.Sequence) classes[(sample.Classes.Length * rows.Count) + row] = EndToken;
        }
    }

    /// <summary>Copies values.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="values">[TargetSteps,n,outputs]; NaN where there is none. Out only.</param>
    public void FillValues(BatchRows rows, Span<float> values)
    {
        var outputs = _set.Outputs;
        values.Fill(float.NaN);
        for (var row = 0; row < rows.Count; row++)
        {
            var own = Of(rows, row).Values;
            for (var at = 0; at < own.Length; at += outputs) own.AsSpan(at, outputs).CopyTo(values[((at * rows.Count) + (row * outputs))..]);
        }
    }

    static void Scatter(int[] from, Span<int> target, int stride)
    {
        for (var t = 0; t < from.Length; t++) target[t * stride] = from[t];
    }

    Sample Of(BatchRows rows, int row) => _samples[rows.First + row];
}
