namespace LstmCluster.Compute.Tests;

public class EncoderDecoderSamplingTests
{
    static readonly EncoderDecoderChoice s_choice = new(["gru"], ["gru"], 6, 6, AttentionKind.General) { TargetSteps = 8, Seed = 3 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void At_rate_one_the_decoder_sees_nothing_but_its_own_predictions(bool feeds)
    {
        var chosen = new EncoderDecoderCase(s_choice with { Feeds = feeds, Sampling = 1 });
        using var device = new ReferenceDevice<float>();
        var sampled = EncoderDecoderOutcome.Of(chosen, device, chosen.Batch);
        var free = EncoderDecoderOutcome.Of(chosen, device, WithClasses(chosen, []), training: false);
        sampled.Outputs.ShouldHaveTheBitsOf(free.Outputs, "outputs");

        int[] others = [.. chosen.Classes.Select(token => (token + 1) % EncoderDecoderCase.TargetVocabulary)];
        EncoderDecoderOutcome.Of(chosen, device, WithClasses(chosen, others)).Outputs.ShouldHaveTheBitsOf(sampled.Outputs, "outputs with other targets");
        var taught = EncoderDecoderOutcome.Of(chosen, device, chosen.Batch, prepare: run => run.SamplingRate = 0);
        taught.Outputs.ShouldNotBe(sampled.Outputs);
    }

    [Fact]
    public void At_rate_zero_and_out_of_training_the_decoder_sees_the_right_classes()
    {
        var (chosen, plain) = (new EncoderDecoderCase(s_choice with { Sampling = 0.7f }), new EncoderDecoderCase(s_choice));
        using var device = new ReferenceDevice<float>();
        var taught = EncoderDecoderOutcome.Of(plain, device, plain.Batch);
        EncoderDecoderOutcome.Of(chosen, device, chosen.Batch, prepare: run => run.SamplingRate = 0).Gradient.ShouldHaveTheBitsOf(taught.Gradient, "gradient");
        EncoderDecoderOutcome.Of(chosen, device, chosen.Batch, training: false).Outputs.ShouldHaveTheBitsOf(taught.Outputs, "outputs");
        EncoderDecoderOutcome.Of(chosen, device, chosen.Batch).Outputs.ShouldNotBe(taught.Outputs);
    }

    /// <summary>A forward pass whose tokens were replaced leaves nothing behind for the next one.</summary>
    [Fact]
    public void The_right_classes_are_back_for_the_next_pass_over_a_batch()
    {
        var chosen = new EncoderDecoderCase(s_choice with { Sampling = 1 });
        using var device = new ReferenceDevice<float>();
        using var operands = new Operands(device, Placement.BetweenNotNumbers);
        using var weights = new ModelWeights(chosen.Model, device, training: true);
        using var run = new EncoderDecoderRun(chosen.Model, device);
        weights.Load(operands.Numbers("parameters", chosen.Parameters));
        run.Load(chosen.Batch);
        float[] Outputs(bool training)
        {
            run.Forward(weights, training, chosen.MaskKey);
            var outputs = new float[run.LossShape.Positions * chosen.Model.Classes];
            run.ReadOutputs(outputs);
            return outputs;
        }

        var taught = Outputs(training: false);
        Outputs(training: true).ShouldNotBe(taught);
        Outputs(training: false).ShouldBe(taught);
    }

    [Fact]
    public void The_rate_belongs_to_a_model_with_sampling_and_lies_between_zero_and_one()
    {
        using var device = new ReferenceDevice<float>();
        using var sampled = new EncoderDecoderRun(new EncoderDecoderCase(s_choice with { Sampling = 0.25f }).Model, device);
        sampled.SamplingRate.ShouldBe(0.25f);
        Should.Throw<ArgumentOutOfRangeException>(() => sampled.SamplingRate = 1.5f);
        Should.Throw<ArgumentOutOfRangeException>(() => sampled.SamplingRate = float.NaN);
        using var plain = new EncoderDecoderRun(new EncoderDecoderCase(s_choice).Model, device);
        Should.Throw<InvalidOperationException>(() => plain.SamplingRate = 0.5f);
        Should.Throw<ArgumentOutOfRangeException>(() => new ScheduledSampling(-0.1f, 0));
    }

    static Batch WithClasses(EncoderDecoderCase chosen, int[] classes) => new()
    {
        Shape = chosen.Source,
        Tokens = chosen.Tokens,
        TargetSteps = chosen.Target.Steps,
        Classes = classes,
        Shards = chosen.Shards,
    };
}
