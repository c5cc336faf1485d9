using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

/// <summary>Which keys belong to which task and fit together.</summary>
public class TaskRuleTests
{
    const string Text = """
        name: small
        task: language-model
        data: { source: text.txt }
        model:
          embedding: 8
          layers:
            - lstm: { units: 8 }
            - gru: { units: 8 }
        training: { steps: 10 }
        """;

    const string Rows = """
        name: small
        task: TASK
        data:
          source: rows.tsv
          input: in
          target: out
        model:
          embedding: 8
          layers:
            - lstm: { units: 8 }
            - gru: { units: 8 }
        training: { steps: 10 }
        """;

    const string Translation = """
        name: small
        task: seq2seq
        data: { source: rows.tsv, input: in, target: out }
        model:
          layers:
            - lstm: { units: 8 }
          decoder:
            layers:
              - lstm: { units: 8 }
        training: { steps: 10 }
        """;

    [Theory]
    [InlineData("data.format=csv", "data.format is for rows with an input and a target, and a language-model reads one running text")]
    [InlineData("data.input=text", "data.input is for rows with an input and a target, and a language-model reads one running text")]
    [InlineData("data.tokens=word", "data.tokens must be char or byte for a language-model, which reads one running text")]
    [InlineData("model.pooling=mean", "model.pooling is for a classifier or a regressor, which answer once a sequence: a language-model answers at every step")]
    [InlineData("model.layers[1].gru.bidirectional=sum", "model.layers[1].gru.bidirectional must be none for a language-model: a layer that runs backwards would see the tokens that are to be told")]
    [InlineData("model.loss=huber", "model.loss must be cross-entropy for a language-model, whose targets are classes; huber is for numbers")]
    [InlineData("model={ embedding: 9, tied: true, layers: [gru: { units: 8 }] }", "model.tied shares the weights of the embedding, whose model.embedding 9 features must be those of the last layer, which gives 8")]
    [InlineData("model={ residual: true, layers: [gru: { units: 8 }] }", "model.residual leads around each layer but the first, and there is one only")]
    [InlineData("model={ residual: true, layers: [gru: { units: 8 }, gru: { units: 9 }] }", "model.layers[1] gives 9 features of 8: with model.residual, which adds both, they must be as many")]
    [InlineData("model.decoder.layers=[gru: { units: 8 }]", "model.decoder is for seq2seq only: a language-model writes no sequence of its own")]
    [InlineData("training.recompute=100", "training.recompute must be a multiple of 64, or 0, got \"100\"")]
    [InlineData("training.rates={ norms.0: 0 }", "training.rates.norms.0 names no layer: known are embedding, layers.0, layers.1, head")]
    public void What_does_not_belong_to_a_language_model_is_refused(string change, string message) => Refusal(Text, change).ShouldBe($"--set {change}: {message}");

    [Theory]
    [InlineData("tagger", "model.pooling=mean", "model.pooling is for a classifier or a regressor, which answer once a sequence: a tagger answers at every step")]
    [InlineData("classifier", "model.tied=true", "model.tied is for a language-model: the head of a classifier does not tell the tokens that the embedding reads")]
    [InlineData("classifier", "model.loss=squared-error", "model.loss must be cross-entropy for a classifier, whose targets are classes; squared-error is for numbers")]
    [InlineData("regressor", "model.loss=cross-entropy", "model.loss must be squared-error, huber or binary-cross-entropy for a regressor, whose targets are numbers; cross-entropy is for classes")]
    [InlineData("classifier", "data.features=3", "data.features is for data.tokens: numbers only")]
    [InlineData("tagger", "data.targetTokens=word", "data.targetTokens is for seq2seq only: the targets of a tagger are no sequences of tokens")]
    [InlineData("regressor", "task.regressor.outputs=0", "task.regressor.outputs must be an integer from 1 to 65536, got \"0\"")]
    [InlineData("classifier", "model.loss={ cross-entropy: { smoothing: 1 } }", "model.loss.cross-entropy.smoothing must be a number from 0 up to, but not including, 1, got \"1\"")]
    public void What_does_not_belong_to_a_task_of_rows_is_refused(string task, string change, string message) =>
        Refusal(Rows.Replace("TASK", task, StringComparison.Ordinal), change).ShouldBe($"--set {change}: {message}");

    [Theory]
    [InlineData("  input: in\n", "", "job.yaml:3: data.input is missing: name of the column with the inputs")]
    [InlineData("  target: out\n", "", "job.yaml:3: data.target is missing: name of the column with the targets")]
    [InlineData("  target: out\n", "  target: out\n  tokens: numbers\n", "job.yaml:3: data.features is missing: numbers of a time step, which data.tokens: numbers needs")]
    [InlineData("task: TASK", "task: seq2seq", "job.yaml:7: model.decoder is missing: what writes the target sequence of a seq2seq, such as decoder: { layers: [lstm: { units: 64 }] }")]
    public void What_a_task_of_rows_needs_is_named(string from, string to, string message) =>
        Should.Throw<UserErrorException>(() => Jobs.Read(Rows.Replace(from, to, StringComparison.Ordinal).Replace("TASK", "classifier", StringComparison.Ordinal))).Message.ShouldBe(message);

    [Theory]
    [InlineData("model.decoder.layers[0].lstm.bidirectional=sum", "model.decoder.layers[0].lstm.bidirectional must be none: a decoder writes from the first token to the last, and the later ones are not there yet")]
    [InlineData("model.decoder.layers[0].lstm.learnedState=true", "model.decoder.layers[0].lstm.learnedState must be false: a decoder starts from the states that the encoder ended with")]
    [InlineData("model.decoder={ attention: none, inputFeeding: true, layers: [lstm: { units: 8 }] }", "model.decoder.inputFeeding needs an attention, whose vector it feeds: model.decoder.attention is none")]
    [InlineData("model.decoder={ attention: dot, layers: [lstm: { units: 9 }] }", "model.decoder.attention dot multiplies vectors of one size, and the last layer of the encoder gives 8 features, that of the decoder 9; use general or additive")]
    [InlineData("model.decoder={ tied: true, layers: [lstm: { units: 9 }] }", "model.decoder.tied shares the weights of the target embedding, whose model.decoder.embedding 64 features must be those of the last decoder layer, which gives 9")]
    [InlineData("model.tied=true", "model.tied is for a language-model: of a seq2seq it is model.decoder.tied, since its head tells target tokens")]
    [InlineData("model.pooling=last", "model.pooling is for a classifier or a regressor: the decoder of a seq2seq sees the whole source")]
    [InlineData("training.rates={ embedding: 0 }", "training.rates.embedding names no layer: known are encoder.embedding, encoder.layers.0, bridge, decoder.embedding, decoder.layers.0, attention, head")]
    public void What_does_not_fit_a_decoder_is_refused(string change, string message) => Refusal(Translation, change).ShouldBe($"--set {change}: {message}");

    [Fact]
    public void A_refusal_names_the_line_of_the_key_in_the_list() =>
        Should.Throw<UserErrorException>(() => Jobs.Read(Text.Replace("gru: { units: 8 }", "gru:\n        units: 8\n        bidirectional: sum", StringComparison.Ordinal)))
            .Message.ShouldStartWith("job.yaml:10: model.layers[1].gru.bidirectional must be none");

    [Theory]
    [InlineData("classifier", PoolingKind.Last, typeof(CrossEntropyOptions))]
    [InlineData("tagger", null, typeof(CrossEntropyOptions))]
    [InlineData("regressor", PoolingKind.Last, typeof(SquaredErrorOptions))]
    public void What_a_task_has_beside_the_file_is_filled_in(string task, PoolingKind? pooling, Type loss)
    {
        var job = Jobs.Read(Rows.Replace("TASK", task, StringComparison.Ordinal));

        (job.Model.Pooling, job.Model.Loss!.GetType()).ShouldBe((pooling, loss));
        (job.Data.Format, job.Data.Longer, job.Data.TargetTokens).ShouldBe((DataFormat.Tsv, LongerRows.Fail, null));
        Jobs.Read(Translation).Data.TargetTokens.ShouldBe(TokenKind.Character);
    }

    [Fact]
    public void Rates_reach_norms_where_there_are_some() =>
        Jobs.Read(Text, "model.layerNorm=true", "training.rates={ norms.1: 0, norms: 2 }").Training.Rates.Count.ShouldBe(2);

    static string Refusal(string yaml, string change) => Should.Throw<UserErrorException>(() => Jobs.Read(yaml, change)).Message;
}
