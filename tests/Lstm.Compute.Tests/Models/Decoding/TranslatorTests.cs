namespace LstmCluster.Compute.Tests;

public class TranslatorTests
{
    static readonly EncoderDecoderChoice[] s_choices =
    [
        new(["lstm"], ["lstm"], 5, 5, null),
        new(["gru2"], ["lstm", "gru"], 5, 7, AttentionKind.General) { Dropout = 0.5f },
        new(["lstm"], ["projected"], 5, 5, AttentionKind.Dot) { Feeds = true, SourceVocabulary = 0 },
        new(["lstmr"], ["rnn"], 5, 3, AttentionKind.Additive) { AttentionUnits = 4, Feeds = true, IsTied = true },
    ];

    public static TheoryData<string, int> Cases =>
        [.. from device in (string[])["reference", "cpu-16-lanes"] from index in Enumerable.Range(0, s_choices.Length) select (device, index)];

    /// <summary>The decoder's states, what is fed and what is looked at follow each beam; else the probabilities would be another prefix's.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void A_wide_beam_finds_the_best_of_all_targets_with_the_probability_that_teaching_gives_it(string deviceName, int index)
    {
        const int maxSteps = 3;
        using var scene = new Scene(s_choices[index], index, deviceName);
        var options = new BeamSearchOptions { Beams = 160, MaxSteps = maxSteps, LengthPenalty = 0.5, Best = 20 };
        var found = scene.Translate(options);
        for (var row = 0; row < scene.Chosen.Source.Rows; row++)
        {
            var all = AllTargets(maxSteps).Select(tokens => (Tokens: tokens, LogProbability: scene.LogProbability(row, [.. tokens, EncoderDecoderCase.End]))).ToList();
            var best = all.OrderByDescending(one => one.LogProbability / options.Penalty(one.Tokens.Length + 1)).Take(options.Best).ToList();
            found[row].Select(one => string.Join(' ', one.Tokens)).ShouldBe(best.Select(one => string.Join(' ', one.Tokens)), $"row {row}");
            foreach (var (one, wanted) in found[row].Zip(best)) one.LogProbability.ShouldBe(wanted.LogProbability, 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void One_beam_is_what_the_decoder_finds_when_it_feeds_itself(string deviceName, int index)
    {
        const int maxSteps = 8;
        using var scene = new Scene(s_choices[index], 10 + index, deviceName);
        var found = scene.Translate(new BeamSearchOptions { MaxSteps = maxSteps, LengthPenalty = 1 });
        var fed = scene.FreeRun(maxSteps);
        for (var row = 0; row < scene.Chosen.Source.Rows; row++)
        {
            var end = Array.IndexOf(fed[row], EncoderDecoderCase.End);
            var hypothesis = found[row].ShouldHaveSingleItem();
            hypothesis.Ended.ShouldBe(end >= 0);
            hypothesis.Tokens.ShouldBe(fed[row].Take(end < 0 ? maxSteps : end));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_a_source_gives_does_not_depend_on_the_others(string deviceName, int index)
    {
        using var scene = new Scene(s_choices[index], 20 + index, deviceName);
        var options = new BeamSearchOptions { Beams = 4, MaxSteps = 9, LengthPenalty = 0.6, Best = 3 };
        var together = scene.Translate(options, withAttention: true);
        for (var row = 0; row < scene.Chosen.Source.Rows; row++)
        {
            var alone = scene.Translate(options, withAttention: true, scene.Chosen.Pair(row)).ShouldHaveSingleItem();
            together[row].Select(Line).ShouldBe(alone.Select(Line));
        }

        static string Line(Hypothesis one) =>
            $"{string.Join(' ', one.Tokens)}: {one.LogProbability:R} {one.Score:R} {one.Ended} {string.Join(' ', one.Attention.SelectMany(looks => looks).Select(look => $"{look:R}"))}";
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_hypothesis_tells_how_each_of_its_tokens_looked_at_the_source(string deviceName, int index)
    {
        using var scene = new Scene(s_choices[index], 30 + index, deviceName);
        var found = scene.Translate(new BeamSearchOptions { Beams = 3, MaxSteps = 6, Best = 2 }, withAttention: true);
        for (var row = 0; row < scene.Chosen.Source.Rows; row++)
        {
            foreach (var one in found[row])
            {
                if (scene.Chosen.Model.Options.Attention is null)
                {
                    one.Attention.ShouldBeEmpty();
                    continue;
                }

                int[] targets = one.Ended ? [.. one.Tokens, EncoderDecoderCase.End] : [.. one.Tokens];
                double[] looks = [.. one.Attention.SelectMany(look => look).Select(look => (double)look)];
                looks.ShouldHaveTheBitsOf(scene.Taught(row, targets).Attention, $"row {row}");
            }
        }
    }

    [Fact]
    public void Without_being_asked_nothing_is_kept_of_the_attention()
    {
        using var scene = new Scene(s_choices[1], 1, "reference");
        scene.Translate(new BeamSearchOptions { MaxSteps = 4 })[0][0].Attention.ShouldBeEmpty();
    }

    /// <summary>Every sequence without an end token that is shorter than the longest hypothesis.</summary>
    static IEnumerable<int[]> AllTargets(int maxSteps)
    {
        IEnumerable<int[]> sequences = [[]];
        for (var length = 0; length < maxSteps; length++)
        {
            foreach (var sequence in sequences) yield return sequence;
            sequences = [.. from sequence in sequences from token in Enumerable.Range(0, EncoderDecoderCase.TargetVocabulary) where token != EncoderDecoderCase.End select (int[])[.. sequence, token]];
        }
    }

    /// <summary>A model with its weights on a device, and sources of different lengths.</summary>
    sealed class Scene : IDisposable
    {
        readonly IDevice _device;
        readonly Operands _operands;
        readonly ModelWeights _weights;
        readonly Translator _translator;

        public Scene(EncoderDecoderChoice choice, int seed, string deviceName)
        {
            Chosen = new EncoderDecoderCase(choice with { Seed = seed, IsRagged = true, SourceSteps = 5, ShardRows = [4] });
            for (var row = 0; row < Chosen.Lengths.Length; row++) Chosen.Lengths[row] = Math.Max(1, Chosen.Lengths[row]);
            _device = TestDevices.Open(deviceName);
            _operands = new Operands(_device, Placement.BetweenNotNumbers);
            _weights = new ModelWeights(Chosen.Model, _device, training: false);
            _weights.Load(_operands.Numbers("parameters", Chosen.Parameters));
            _translator = new Translator(Chosen.Model, _device);
        }

        public EncoderDecoderCase Chosen { get; }

        public IReadOnlyList<IReadOnlyList<Hypothesis>> Translate(BeamSearchOptions options, bool withAttention = false, PairBatch? source = null) =>
            source is null ? _translator.Translate(_weights, Chosen.Batch, options, withAttention) : _translator.Translate(_weights, source.Batch, options, withAttention);

        public EncoderDecoderOutcome Taught(int row, int[] targets) =>
            EncoderDecoderOutcome.Of(Chosen, _device, (Chosen.Pair(row) with { TargetSteps = targets.Length, Classes = targets }).Batch, training: false);

        public double LogProbability(int row, int[] targets) => -Taught(row, targets).Losses.Sum();

        /// <summary>The best class at each step of each row, with each fed to the next.</summary>
        public int[][] FreeRun(int steps)
        {
            return [.. Enumerable.Range(0, Chosen.Source.Rows).Select(Of)];

            int[] Of(int row)
            {
                var outputs = EncoderDecoderOutcome.Of(Chosen, _device, (Chosen.Pair(row) with { TargetSteps = steps, Classes = [] }).Batch, training: false).Outputs;
                return [.. outputs.Chunk(EncoderDecoderCase.TargetVocabulary).Select(scores => Array.IndexOf(scores, scores.Max()))];
            }
        }

        public void Dispose()
        {
            _translator.Dispose();
            _weights.Dispose();
            _operands.Dispose();
            _device.Dispose();
        }
    }
}
