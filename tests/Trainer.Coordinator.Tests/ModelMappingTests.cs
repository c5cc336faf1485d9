using LstmCluster.Compute;
using LstmCluster.Protocol;
using AttentionKind = LstmCluster.Protocol.AttentionKind;

namespace Trainer.Coordinator.Tests;

/// <summary>Every key of a job's model reaches what computes it.</summary>
public class ModelMappingTests
{
    [Fact]
    public void Each_layer_of_a_job_becomes_a_layer_of_its_kind_and_size()
    {
        var model = LanguageModel(options => options with
        {
            Dropout = 0,
            Layers = [new GruLayerOptions { Units = 3 }, new RnnLayerOptions { Units = 4 }, new LstmLayerOptions { Units = 6 }],
        });

        model.Body[0].ShouldBeOfType<Gru>().Units.ShouldBe(3);
        model.Body[1].ShouldBeOfType<Rnn>().Units.ShouldBe(4);
        model.Body[2].ShouldBeOfType<Lstm>().Units.ShouldBe(6);
        model.StateSize.ShouldBe(3 + 4 + (2 * 6));
        model.Parameters.Parameters.Single(parameter => parameter.Name == "layers.0.bias_hh_l0").Shape.ShouldBe([9]);
    }

    [Theory]
    [InlineData(DirectionMerge.Concatenate, Merge.Concatenate, 6)]
    [InlineData(DirectionMerge.Sum, Merge.Sum, 3)]
    [InlineData(DirectionMerge.Average, Merge.Average, 3)]
    public void A_bidirectional_layer_has_both_directions_with_all_of_its_options(DirectionMerge merge, Merge expected, int features)
    {
        var lstm = new LstmLayerOptions { Units = 3, Bidirectional = merge, ForgetBias = 2, RecurrentDropout = 0.25, Peephole = true, LearnedState = true };
        var body = Sequence(TinyRows.Tagger(1), options => options with { Residual = false, Layers = [lstm, new GruLayerOptions { Units = 2, Bidirectional = merge }] }).Body;
        var both = body[0].ShouldBeOfType<Bidirectional>();

        (both.Merge, both.OutputSize).ShouldBe((expected, features));
        var (forward, backward) = (both.Forward.ShouldBeOfType<Lstm>(), both.Backward.ShouldBeOfType<Lstm>());
        (forward.Reverse, backward.Reverse).ShouldBe((false, true));
        forward.Options.MaskStream.ShouldNotBe(backward.Options.MaskStream);
        foreach (var one in new[] { forward, backward })
            (one.Options.RecurrentDropout, one.Options.Peephole, one.LearnedInitialState).ShouldBe((0.25f, true, true));
        body.OfType<Bidirectional>().Last().Backward.ShouldBeOfType<Gru>().Reverse.ShouldBeTrue();
    }

    [Fact]
    public void Words_are_read_letter_by_letter_and_dropped_as_the_job_says()
    {
        var model = Sequence(TinyRows.Speller(1), options => options with { Characters = new CharacterOptions { Embedding = 3, Units = 2 }, WordDropout = 0.25, InputDropout = 0.5 });

        var characters = model.Tokens.Characters.ShouldNotBeNull();
        (characters.Embedding.Width, characters.OutputSize).ShouldBe((3, 4));
        characters.Layer.ShouldBeOfType<Bidirectional>().Forward.ShouldBeOfType<Lstm>().Units.ShouldBe(2);
        (model.Tokens.Dropout!.Rate, model.Tokens.Dropout.Unknown).ShouldBe((0.25f, 0));
        model.Body[0].ShouldBeOfType<Dropout>().Rate.ShouldBe(0.5f);
        model.Features.ShouldBe(5 + 4);
        Sequence(TinyRows.Tagger(1), options => options).Tokens.ShouldBe(new TokenOptions());
    }

    [Theory]
    [InlineData(InitialKernel.Uniform, KernelInitialization.Uniform)]
    [InlineData(InitialKernel.Glorot, KernelInitialization.Glorot)]
    [InlineData(InitialKernel.Orthogonal, KernelInitialization.Orthogonal)]
    public void What_kernels_start_from_reaches_every_kind_of_layer(InitialKernel kind, KernelInitialization expected)
    {
        var initialization = new InitializationOptions { Kernel = kind, Recurrent = InitialKernel.Orthogonal };
        var model = LanguageModel(options => options with
        {
            Dropout = 0,
            Layers =
            [
                new LstmLayerOptions { Units = 3, Initialization = initialization },
                new GruLayerOptions { Units = 3, Initialization = initialization, LearnedState = true },
                new RnnLayerOptions { Units = 3, Initialization = initialization },
            ],
        });

        foreach (var layer in model.Body.Cast<RecurrentLayer>())
            layer.Initialization.ShouldBe(new RecurrentInitialization(expected, KernelInitialization.Orthogonal));
        model.Body.Cast<RecurrentLayer>().Select(layer => layer.LearnedInitialState).ShouldBe([false, true, false]);
        model.Parameters.Parameters.ShouldContain(parameter => parameter.Name == "layers.1.initial_h_l0");
    }

    [Fact]
    public void Residual_normalisation_and_dropout_stand_behind_each_layer_in_this_order()
    {
        var model = LanguageModel(options => options with
        {
            Embedding = 4,
            Residual = true,
            LayerNorm = true,
            Dropout = 0.5,
            Layers = [new GruLayerOptions { Units = 4 }, new GruLayerOptions { Units = 4 }],
        });

        model.Body.Select(layer => layer.GetType()).ShouldBe(
            [typeof(Gru), typeof(LayerNormalization), typeof(Dropout), typeof(Residual), typeof(LayerNormalization), typeof(Dropout)]);
        model.Body.OfType<Dropout>().ShouldAllBe(dropout => dropout.Rate == 0.5f);
        string[] names = [.. model.Parameters.Parameters.Select(parameter => parameter.Name)];
        string[] parts = ["embedding", "layers.0", "layers.1", "norms.0", "norms.1", "head"];
        names.ShouldAllBe(name => parts.Any(part => name.StartsWith(part + ".", StringComparison.Ordinal)));
        parts.ShouldAllBe(part => names.Any(name => name.StartsWith(part + ".", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_tied_head_has_no_kernel_of_its_own()
    {
        var model = LanguageModel(options => options with { Embedding = 7, Tied = true });

        model.Head.ShouldBeOfType<TiedLinear>();
        model.Parameters.Parameters.Select(parameter => parameter.Name).ShouldNotContain("head.weight");
    }

    [Theory]
    [InlineData(true, 0.25)]
    [InlineData(false, 1)]
    public void A_table_that_a_head_uses_too_starts_small(bool isTied, double expected) =>
        LanguageModel(options => options with { Embedding = 16, Layers = [new GruLayerOptions { Units = 16 }], Tied = isTied }).Embedding!.Deviation.ShouldBe(expected);

    [Theory]
    [InlineData(PoolingKind.Last, Pooling.Last)]
    [InlineData(PoolingKind.Mean, Pooling.Mean)]
    [InlineData(PoolingKind.Max, Pooling.Max)]
    public void A_pooling_reaches_the_model(PoolingKind kind, Pooling expected) =>
        Sequence(TinyRows.Classifier(1), options => options with { Pooling = kind }).Pooling.ShouldBe(expected);

    [Fact]
    public void Each_loss_reaches_the_model_with_its_options()
    {
        Sequence(TinyRows.Classifier(1), options => options with { Loss = new CrossEntropyOptions { Smoothing = 0.25 } }).Loss.ShouldBe(new CrossEntropy(0.25f));
        Sequence(TinyRows.Regressor(1), options => options with { Loss = new HuberOptions { Delta = 2 } }).Loss.ShouldBe(new Huber(2));
        Sequence(TinyRows.Regressor(1), options => options with { Loss = new SquaredErrorOptions() }).Loss.ShouldBe(new SquaredError());
        var job = TinyRows.Regressor(1);
        job = job with { Data = job.Data with { Tokens = TokenKind.Word, Features = null }, Model = job.Model with { Loss = new BinaryCrossEntropyOptions() } };
        var data = LstmCluster.Data.SampleData.Read(new StringReader("in\tout\n" + string.Concat(Enumerable.Range(0, 90).Select(row => $"w{row}\t0 1\n"))), job, "rows.tsv");
        LstmCluster.Training.ModelMapping.Of(job, data.Encoding).ShouldBeOfType<SequenceModel>().Loss.ShouldBe(new BinaryCrossEntropy());
    }

    [Fact]
    public void Numbers_go_into_the_first_layer_without_an_embedding()
    {
        var model = Sequence(TinyRows.Regressor(1), options => options);

        model.Embedding.ShouldBeNull();
        (model.Features, model.Outputs).ShouldBe((2, 2));
    }

    [Fact]
    public void Steps_to_recompute_reach_every_layer()
    {
        var job = TinyRows.Tagger(1);
        job = job with { Training = job.Training with { Recompute = 128 } };

        foreach (var both in Sequence(job, options => options with { Residual = false }).Body.OfType<Bidirectional>())
            (both.Forward.RecomputeSteps, both.Backward.RecomputeSteps).ShouldBe((128, 128));
    }

    [Fact]
    public void Every_option_of_a_decoder_reaches_it()
    {
        var model = TinyJob.Model(TinyRows.Translator(1)).ShouldBeOfType<EncoderDecoder>();

        model.Encoder[0].ShouldBeOfType<Bidirectional>();
        model.Decoder.Select(layer => layer.GetType()).ShouldBe([typeof(Lstm), typeof(Dropout), typeof(Gru), typeof(Dropout)]);
        model.Options.Attention!.Kind.ShouldBe(LstmCluster.Compute.AttentionKind.Additive);
        (model.Options.InputFeeding, model.Options.Sampling!.Rate, model.Options.Loss).ShouldBe((true, 0.3f, new CrossEntropy(0.1f)));
        model.Head.ShouldBeOfType<TiedLinear>();
        model.Target.Deviation.ShouldBe(1 / Math.Sqrt(6));
        (model.Target.Width, model.Classes, model.Options.EndToken).ShouldBe((6, 9, 8));
    }

    [Theory]
    [InlineData(AttentionKind.None, null)]
    [InlineData(AttentionKind.Dot, LstmCluster.Compute.AttentionKind.Dot)]
    [InlineData(AttentionKind.General, LstmCluster.Compute.AttentionKind.General)]
    [InlineData(AttentionKind.Additive, LstmCluster.Compute.AttentionKind.Additive)]
    public void Each_attention_reaches_the_decoder(AttentionKind kind, LstmCluster.Compute.AttentionKind? expected)
    {
        var job = TinyRows.Translator(1);
        job = job with { Model = job.Model with { Decoder = new DecoderOptions { Attention = kind, Layers = [new LstmLayerOptions { Units = 10 }] } } };
        var model = TinyJob.Model(job).ShouldBeOfType<EncoderDecoder>();

        (model.Options.Attention?.Kind, model.Options.Sampling, model.Options.InputFeeding).ShouldBe((expected, null, false));
        model.Head.ShouldBeOfType<Linear>();
    }

    static SequenceModel LanguageModel(Func<ModelOptions, ModelOptions> change) => Sequence(TinyJob.Of(steps: 1), change);

    static SequenceModel Sequence(Job job, Func<ModelOptions, ModelOptions> change) => TinyJob.Model(job with { Model = change(job.Model) }).ShouldBeOfType<SequenceModel>();
}
