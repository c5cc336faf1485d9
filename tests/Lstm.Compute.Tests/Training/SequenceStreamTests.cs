namespace LstmCluster.Compute.Tests;

public class SequenceStreamTests
{
    const int Steps = 9, Rows = 3, Vocabulary = 7;

    static readonly int[] s_tokens = new Draw(1).Integers(Steps * Rows, 0, Vocabulary);

    [Fact]
    public void Each_step_gives_the_bits_of_the_whole_sequence()
    {
        using var network = new Network(Model(), seed: 3);
        using var stream = network.OpenStream(Rows);
        Stream(stream).ShouldBe(network.Predict(new Batch { Shape = new(Steps, Rows), Tokens = s_tokens }));
    }

    [Fact]
    public void With_last_pooling_each_step_answers_for_the_sequence_up_to_it()
    {
        var model = new SequenceModel(new Embedding(Vocabulary, 4), [new Gru(4, 5)], new Linear(5, 2), Pooling.Last);
        using var network = new Network(model, seed: 3);
        using var stream = network.OpenStream(Rows);
        for (var step = 0; step < Steps; step++)
        {
            stream.Next(s_tokens.AsSpan(step * Rows, Rows)).ToArray()
                .ShouldBe(network.Predict(new Batch { Shape = new(step + 1, Rows), Tokens = s_tokens.AsSpan(0, (step + 1) * Rows) }), $"step {step}");
        }
    }

    [Fact]
    public void A_state_can_be_taken_elsewhere_and_a_row_can_begin_again()
    {
        using var network = new Network(Model(), seed: 3);
        using var stream = network.OpenStream(2);
        using var other = network.OpenStream();
        var state = new float[network.Model.StateSize];
        Should.Throw<InvalidOperationException>(() => stream.ReadState(1, state)).Message.ShouldContain("not begun");
        var first = stream.Next(4, 2).ToArray();
        stream.ReadState(1, state);
        other.WriteState(0, state);
        var second = stream.Next(4, 5).ToArray();
        other.Next(5).ToArray().ShouldBe(second[Vocabulary..]);
        second[..Vocabulary].ShouldNotBe(first[..Vocabulary]);

        stream.Reset(0);
        stream.Next(4, 5)[..Vocabulary].ToArray().ShouldBe(first[..Vocabulary]);
        stream.Reset();
        stream.Next(4, 2).ToArray().ShouldBe(first);
        Should.Throw<ArgumentException>(() => stream.WriteState(0, state.AsSpan(1)));
        foreach (var row in new[] { -1, stream.Rows })
        {
            Should.Throw<ArgumentOutOfRangeException>(() => stream.Reset(row)).ParamName.ShouldBe("row");
            Should.Throw<ArgumentOutOfRangeException>(() => stream.ReadState(row, state)).ParamName.ShouldBe("row");
            Should.Throw<ArgumentOutOfRangeException>(() => stream.WriteState(row, state)).ParamName.ShouldBe("row");
        }
    }

    [Fact]
    public void Training_between_two_steps_shows_in_the_next()
    {
        using var network = new Network(Model(), seed: 3);
        using var trainer = new InProcessTrainer(network, new Adam(), rate: 0.1);
        using var stream = network.OpenStream();
        var before = stream.Next(1).ToArray();
        stream.Reset();
        trainer.Step(new Batch { Shape = new(2, 1), Tokens = [1, 2], Classes = [2, 3] });
        stream.Next(1).ToArray().ShouldNotBe(before);
        stream.Reset();
        stream.Next(1).ToArray().ShouldBe(network.Predict(new Batch { Shape = new(1, 1), Tokens = [1] }));
    }

    [Fact]
    public void Once_warm_a_step_allocates_nothing()
    {
        using var network = new Network(Model(), seed: 3);
        using var stream = network.OpenStream();
        for (var warmUp = 0; warmUp < 50; warmUp++)
            stream.Next(3);
        var before = GC.GetAllocatedBytesForCurrentThread();
        stream.Next(3);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void What_needs_later_inputs_cannot_be_streamed()
    {
        Layer[] bodies = [new LstmCluster.Compute.Lstm(4, 4), new Gru(4, 4, reverse: true), new Residual(new Rnn(4, 4, reverse: true)), new Bidirectional(new Gru(4, 2), new Gru(4, 2, reverse: true))];
        (Layer Layer, Pooling? Pooling)[] wrong = [(bodies[0], Pooling.Mean), (bodies[0], Pooling.Max), (bodies[1], null), (bodies[2], Pooling.Last), (bodies[3], null)];
        foreach (var (layer, pooling) in wrong)
        {
            using var network = new Network(new SequenceModel([layer], new Linear(4, 2), pooling), seed: 1);
            Should.Throw<InvalidOperationException>(() => network.OpenStream()).Message.ShouldContain("one step at a time");
        }
    }

    [Fact]
    public void The_wrong_input_is_refused()
    {
        using var network = new Network(Model(), seed: 3);
        using var stream = network.OpenStream(2);
        Should.Throw<ArgumentException>(() => stream.Next(1));
        Should.Throw<ArgumentException>(() => stream.Next(1f, 2f));
        Should.Throw<ArgumentOutOfRangeException>(() => stream.Next(1, Vocabulary));
        Should.Throw<ArgumentOutOfRangeException>(() => network.OpenStream(0));
    }

    static float[] Stream(SequenceStream stream)
    {
        var outputs = new List<float>();
        for (var step = 0; step < Steps; step++)
            outputs.AddRange(stream.Next(s_tokens.AsSpan(step * Rows, Rows)));
        return [.. outputs];
    }

    static SequenceModel Model() => SequenceModel.LanguageModel(Vocabulary, 4, [5, 6], dropout: 0.5f);
}
