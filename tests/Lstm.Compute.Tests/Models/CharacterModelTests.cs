using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>Models that read the characters of words, and models to which words become unknown. What holds of any model, <see cref="RandomModelTests"/> shows of these too.</summary>
public sealed class CharacterModelTests : IDisposable
{
    const int Words = 5, Letters = 4, Unknown = 0;

    static readonly BatchShape s_shape = new(Steps: 2, Rows: 2);
    static readonly int[] s_tokens = [1, 2, 3, 4];

    // "abc" at both steps of row 0, "d" and "ab" in row 1.
    static readonly int[] s_characters = [0, 1, 2, 3, -1, -1, 0, 1, 2, 0, 1, -1];

    readonly CpuDevice _device = CpuDevice.Create();

    [Fact]
    public void What_is_said_of_a_word_depends_on_its_characters_alone()
    {
        using var network = new Network(Model(), seed: 1, _device);
        var alone = network.Predict(new Batch { Shape = new(1, 1), Tokens = s_tokens.AsSpan(1, 1), Characters = (int[])[3] });
        var among = network.Predict(Batch(s_tokens, s_characters));

        // The first step of row 1, which nothing comes before.
        among[Words..(2 * Words)].ShouldBe(alone);
        network.Predict(Batch(s_tokens, [0, 1, 2, 3, 3, -1, 0, 1, 2, 0, 1, -1]))[Words..(2 * Words)].ShouldNotBe(alone);
    }

    [Fact]
    public void Nothing_behind_the_end_of_a_word_is_read()
    {
        using var network = new Network(Model(), seed: 1, _device);
        var expected = network.Predict(Batch(s_tokens, s_characters));

        network.Predict(Batch(s_tokens, [0, 1, 2, 3, -5, 99, 0, 1, 2, 0, 1, int.MinValue])).ShouldBe(expected);
        network.Predict(Batch(s_tokens, [0, 1, 2, -1, 3, -1, -1, -1, 0, 1, 2, -1, 0, 1, -1, -1])).ShouldBe(expected, "with room for longer words");
    }

    [Fact]
    public void Each_different_word_of_a_shard_is_read_once_and_no_word_of_another_shard_is_taken_for_it()
    {
        using var rows = new BatchRows(_device);
        var words = new DistinctWords();
        rows.Load(s_shape, [new ShardRows(0, new(0, 1)), new ShardRows(3, new(1, 1))], []);
        words.Find([0, 1, 0, 1, 0, 1, 2, -1], rows);

        words.Shards.ToArray().ShouldBe([new ShardRows(0, new(0, 1)), new ShardRows(3, new(1, 2))]);
        words.RowOf(4).ToArray().ShouldBe([0, 1, 0, 2]);
        words.Lengths.ToArray().ShouldBe([2, 2, 1]);
        words.Characters.ToArray().ShouldBe([0, 0, 2, 1, 1, 0]);
    }

    [Fact]
    public void Beyond_the_end_of_a_row_there_are_no_words()
    {
        using var rows = new BatchRows(_device);
        var words = new DistinctWords();
        rows.Load(s_shape, [], [2, 1]);
        words.Find([0, 1, 3, 3, 2, 2, 0, 1], rows);

        words.Lengths.ToArray().ShouldBe([2, 2, 2, 0], "what stands there has no characters");
        words.RowOf(4).ToArray().ShouldBe([0, 2, 1, 3]);
    }

    [Fact]
    public void In_training_words_become_unknown_at_their_rate_and_keep_their_characters()
    {
        var rule = new TokenDropout(0.25f, Unknown, Stream: 7);
        using var rows = new BatchRows(_device);
        rows.Load(new BatchShape(400, 10), [], []);
        int[] tokens = [.. Enumerable.Repeat(3, 4000)], read = new int[4000], again = new int[4000];

        rule.Apply(tokens, rows.Pass(training: true, Philox.KeyOf(1, 1)), read);
        rule.Apply(tokens, rows.Pass(training: true, Philox.KeyOf(1, 2)), again);

        read.Count(token => token == Unknown).ShouldBeInRange(900, 1100);
        read.ShouldAllBe(token => token == 3 || token == Unknown);
        again.ShouldNotBe(read, "another step drops others");

        // A word that is always unknown still differs by its characters.
        var (always, weights) = (Model(new TokenDropout(0.999999f, Unknown, 7)), new float[Model().Parameters.Length]);
        always.Parameters.Initialize(1, weights);
        TrainingOutputs(always, weights, s_tokens, s_characters).ShouldBe(TrainingOutputs(always, weights, [0, 0, 0, 0], s_characters));
        TrainingOutputs(always, weights, s_tokens, s_characters).ShouldNotBe(TrainingOutputs(always, weights, s_tokens, [.. s_characters.Reverse().Select(letter => Math.Max(0, letter))]));
    }

    [Fact]
    public void Out_of_training_no_word_becomes_unknown()
    {
        using var network = new Network(Model(), seed: 1, _device);
        using var dropping = new Network(Model(new TokenDropout(0.9f, Unknown, 7)), seed: 1, _device);

        dropping.Predict(Batch(s_tokens, s_characters)).ShouldBe(network.Predict(Batch(s_tokens, s_characters)));
    }

    [Theory]
    [InlineData(new[] { 0, 1, 2, 3, 1 }, "5 characters do not fill a batch of 2 steps and 2 rows")]
    [InlineData(new int[0], "the model reads the characters of each token")]
    [InlineData(new[] { 0, 1, 2, 4 }, "a character must be in 0..3")]
    [InlineData(new[] { 0, 1, -1, 3 }, "the token at step 1 of row 0 has no characters")]
    public void Characters_that_do_not_fit_are_refused(int[] characters, string message)
    {
        using var network = new Network(Model(), seed: 1, _device);
        Should.Throw<ArgumentException>(() => network.Predict(Batch(s_tokens, characters))).Message.ShouldContain(message);
    }

    [Fact]
    public void Characters_for_a_model_that_reads_none_are_refused()
    {
        using var words = new Network(SequenceModel.LanguageModel(Words, 3, [4]), seed: 1, _device);
        using var features = new Network(new SequenceModel([new Lstm(3, 4)], new Linear(4, 2)), seed: 1, _device);

        Should.Throw<ArgumentException>(() => words.Predict(Batch(s_tokens, s_characters))).Message.ShouldContain("without their characters");
        Should.Throw<ArgumentException>(() => features.Predict(new Batch { Shape = s_shape, Features = new float[12], Characters = s_characters })).Message.ShouldContain("features");
    }

    [Fact]
    public void Parts_that_do_not_fit_are_refused()
    {
        var letters = new Embedding(Letters, 3);
        Should.Throw<ArgumentException>(() => new CharacterEncoder(letters, new Lstm(2, 4))).Message.ShouldContain("a character has 3");
        Should.Throw<ArgumentException>(() => new CharacterEncoder(letters, Bidirectional.OfLstm(3, 4, Merge.Sum))).Message.ShouldContain("side by side");
        Should.Throw<ArgumentException>(() => new CharacterEncoder(letters, new Linear(3, 4))).Message.ShouldContain("recurrent");
        Should.Throw<ArgumentOutOfRangeException>(() => new TokenDropout(1, Unknown, 0)).Message.ShouldContain("[0,1)");
        Should.Throw<ArgumentOutOfRangeException>(() => Model(new TokenDropout(0.1f, Words, 0))).Message.ShouldContain("unknown token");
        Should.Throw<ArgumentException>(() => new SequenceModel(
            new Embedding(Words, 3), [new Dropout(3, 0.1f, stream: 2)], new Linear(3, 2), tokens: new TokenOptions { Dropout = new TokenDropout(0.1f, Unknown, Stream: 2) }))
            .Message.ShouldContain("stream 2");
        Should.Throw<ArgumentException>(() => new SequenceModel(
            new Embedding(Words, 3), [new Lstm(3, 4)], new Linear(4, 2), tokens: new TokenOptions { Characters = new CharacterEncoder(letters, new Lstm(3, 2)) }))
            .Message.ShouldContain("before it are 5");
    }

    [Fact]
    public void The_layer_that_reads_characters_can_be_traced()
    {
        var reader = new Lstm(3, 4);
        var model = new SequenceModel(
            new Embedding(Words, 3), [], new Linear(7, 2), tokens: new TokenOptions { Characters = new CharacterEncoder(new Embedding(Letters, 3), reader) });
        using var network = new Network(model, seed: 1, _device);
        network.Predict(Batch(s_tokens, s_characters));

        // "abc", "d" and "ab", of at most three characters.
        network.Run.Trace(reader).Shape.ShouldBe(new BatchShape(3, 3));
    }

    [Fact]
    public void Once_warm_a_step_allocates_nothing()
    {
        var model = Model(new TokenDropout(0.3f, Unknown, 7));
        using var operands = new Operands(_device, Placement.BetweenNotNumbers);
        using var weights = new ModelWeights(model, _device, training: true);
        using var run = model.CreateRun(_device);
        weights.Load(operands.Numbers("parameters", new Draw(1).Uniform(model.Parameters.Length)));
        GradientTarget[] targets = [new(new ShardRange(0, 1), operands.Unwritten("gradient", model.Parameters.Length))];
        int[] classes = [1, 2, 3, 0];
        var losses = new float[s_shape.Positions];

        Step();
        Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Step();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Step()
        {
            run.Load(Batch(s_tokens, s_characters, classes));
            run.Forward(weights, training: true, maskKey: 1);
            run.Losses(losses);
            run.Backward(weights, targets);
        }
    }

    public void Dispose() => _device.Dispose();

    static Batch Batch(int[] tokens, int[] characters, int[]? classes = null) => new() { Shape = s_shape, Tokens = tokens, Characters = characters, Classes = classes };

    static SequenceModel Model(TokenDropout? dropout = null) => new(
        new Embedding(Words, 3), [new Lstm(3 + 8, 6)], new Linear(6, Words),
        tokens: new TokenOptions { Characters = new CharacterEncoder(new Embedding(Letters, 3), Bidirectional.OfLstm(3, 4)), Dropout = dropout });

    float[] TrainingOutputs(SequenceModel model, float[] parameters, int[] tokens, int[] characters)
    {
        using var vector = _device.Import(parameters);
        using var weights = new ModelWeights(model, _device, training: true);
        using var run = model.CreateRun(_device);
        weights.Load(vector.All);
        run.Load(Batch(tokens, characters));
        run.Forward(weights, training: true, maskKey: 1);
        var outputs = new float[s_shape.Positions * model.Outputs];
        run.ReadOutputs(outputs);
        return outputs;
    }
}
