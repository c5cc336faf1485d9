namespace LstmCluster.Compute.Tests;

/// <summary>Label smoothing is a means of training: out of it the loss is that of the targets themselves, which perplexity and bits are made of.</summary>
public class SmoothedLossTests
{
    const int Vocabulary = 7;

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void A_smoothed_loss_is_smoothed_in_training_only(string name)
    {
        foreach (var isPooled in new[] { false, true })
        {
            var (plain, smoothed) = (Of(0, isPooled), Of(0.3f, isPooled));
            Losses(smoothed, name, training: false).ShouldBe(Losses(plain, name, training: false));
            Losses(plain, name, training: true).ShouldBe(Losses(plain, name, training: false), "nothing is dropped here");
            Losses(smoothed, name, training: true).ShouldNotBe(Losses(plain, name, training: true));
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void An_evaluation_of_sequences_is_not_smoothed_either(string name)
    {
        using var device = TestDevices.Open(name);
        EncoderDecoderCase Case(float smoothing) => new(new(["gru"], ["lstm"], 5, 5, AttentionKind.General) { Smoothing = smoothing });
        double[] Of(float smoothing, bool training) => EncoderDecoderOutcome.Of(Case(smoothing), device, Case(smoothing).Batch, training).Losses;

        Of(0.3f, training: false).ShouldBe(Of(0, training: false));
        Of(0.3f, training: true).ShouldNotBe(Of(0, training: true));
    }

    [Fact]
    public void A_network_is_evaluated_without_smoothing()
    {
        double Loss(float smoothing)
        {
            using var network = new Network(Of(smoothing, isPooled: false), seed: 3);
            return network.Evaluate(Batch(isPooled: false)).Loss;
        }

        Loss(0.3f).ShouldBe(Loss(0));
    }

    static SequenceModel Of(float smoothing, bool isPooled) =>
        new(new Embedding(Vocabulary, 3), [new Lstm(3, 4)], new Linear(4, Vocabulary), isPooled ? Pooling.Mean : null, new CrossEntropy(smoothing));

    static Batch Batch(bool isPooled) => new()
    {
        Shape = new BatchShape(4, 2),
        Tokens = new[] { 0, 1, 2, 3, 4, 5, 6, 0 },
        Classes = isPooled ? new[] { 1, 6 } : new[] { 2, 3, 4, 5, 6, 0, 1, 2 },
        Shards = new[] { new ShardRows(0, new RowRange(0, 2)) },
    };

    static float[] Losses(SequenceModel model, string name, bool training)
    {
        using var device = TestDevices.Open(name);
        var parameters = new float[model.Parameters.Length];
        model.Parameters.Initialize(3, parameters);
        using var imported = device.Import(parameters);
        using var weights = new ModelWeights(model, device, training: true);
        weights.Load(imported.All);
        using var run = model.CreateRun(device);
        run.Load(Batch(isPooled: model.Pooling is not null));
        run.Forward(weights, training, maskKey: 1);
        var losses = new float[run.LossShape.Positions];
        run.Losses(losses);
        return losses;
    }
}
