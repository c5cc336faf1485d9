using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

public class EncoderDecoderGradientTests
{
    static readonly AttentionKind?[] s_attentions = [null, AttentionKind.Dot, AttentionKind.General, AttentionKind.Additive];

    /// <summary>Each attention with and without feeding, with a copying and a learned bridge, with a head of its own and a tied one.</summary>
    public static TheoryData<AttentionKind?, bool, bool, bool> Combinations =>
    [
        .. from attention in s_attentions
           from feeds in new[] { false, true }
           from copies in new[] { false, true }
           from isTied in new[] { false, true }
           where attention is not null || !feeds
           select (attention, feeds, copies, isTied),
    ];

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Every_gradient_is_the_derivative_of_the_sum_of_losses(AttentionKind? attention, bool feeds, bool copies, bool isTied)
    {
        // A dot product compares vectors of one size; a tied head without attention takes the decoder's own output.
        var units = isTied && attention is null ? EncoderDecoderCase.TargetFeatures : 3;
        Check(new EncoderDecoderChoice([copies ? "lstm" : "gru"], ["lstm"], units, units, attention)
        {
            Feeds = feeds,
            IsTied = isTied,
            IsRagged = true,
            AttentionUnits = attention == AttentionKind.Additive ? 2 : 0,
            SourceSteps = 3,
            TargetSteps = 3,
            Seed = 5,
        });
    }

    [Fact]
    public void So_it_is_for_any_layers_and_options()
    {
        string[] encoders = ["lstm", "gru", "rnn", "lstmr", "grur", "projected", "zoned", "lstm2", "gru2", "rnn2", "projected2", "zoned2", "learned", "learned2"];
        string[] decoders = ["lstm", "gru", "rnn", "projected", "zoned"];
        var choices =
            from encoderLayers in Gen.Choose(1, 2)
            from encoder in Gen.Elements(encoders).ListOf(encoderLayers)
            from decoderLayers in Gen.Choose(1, 3)
            from decoder in Gen.Elements(decoders).ListOf(decoderLayers)
            from encoderUnits in Gen.Choose(1, 3)
            from decoderUnits in Gen.Choose(1, 3)
            from attention in Gen.Elements(s_attentions)
            from switches in Gen.Elements(false, true).ListOf(4)
            from rates in Gen.Elements(0f, 0.3f).ListOf(2)
            from seed in Gen.Choose(0, 1000)
            where attention != AttentionKind.Dot || OutputOf(encoder[^1], encoderUnits) == decoderUnits
            select new EncoderDecoderChoice([.. encoder], [.. decoder], encoderUnits, decoderUnits, attention)
            {
                Feeds = switches[0] && attention is not null,
                IsTied = switches[1] && (attention is not null || decoderUnits == EncoderDecoderCase.TargetFeatures),
                IsRagged = switches[2],
                SourceVocabulary = switches[3] ? 0 : 4,
                Dropout = rates[0],
                Smoothing = rates[1],
                ShardRows = [1, 2],
                SourceSteps = 3,
                TargetSteps = 2,
                Seed = seed,
            };
        Prop.ForAll(choices.ToArbitrary(), Check).Check(Config.QuickThrowOnFailure.WithMaxTest(30));
    }

    static int OutputOf(string encoder, int units) => encoder[^1] == '2' ? 2 * units : units;

    static void Check(EncoderDecoderChoice choice)
    {
        var chosen = new EncoderDecoderCase(choice);
        using var device = new ReferenceDevice<double>();
        var gradient = EncoderDecoderOutcome.Of(chosen, device, chosen.Batch).Gradient;
        using var operands = new Operands(device, Placement.BetweenNotNumbers);
        using var weights = new ModelWeights(chosen.Model, device, training: true);
        using var run = new EncoderDecoderRun(chosen.Model, device);
        var parameters = operands.Numbers("parameters", chosen.Parameters);
        run.Load(chosen.Batch);
        var losses = new float[run.LossShape.Positions];
        gradient.ShouldBeTheDerivative(chosen.Parameters, Loss, $"{choice}");

        double Loss()
        {
            device.Write(parameters, chosen.Parameters);
            weights.Load(parameters);
            run.Forward(weights, training: true, chosen.MaskKey);
            run.Losses(losses);
            return operands.Read(run.DeviceLosses).Sum();
        }
    }
}
