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

    const string Table = """
        name: small
        task: { forecaster: { context: 8, horizon: 2 } }
        data:
          source: t.csv
          columns:
            - numeric: { name: a, role: target }
            - date: { name: b }
        model:
          layers:
            - lstm: { units: 8 }
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
    [InlineData("data.tokens=numbers", "data.tokens must be char, byte, word or bpe for a language-model, which reads one running text")]
    [InlineData("data.vocabulary=100", "data.vocabulary limits words: of the characters or bytes of a language-model all are known")]
    [InlineData("data={ source: a, validation: 0.5, test: 0.5 }", "data.test and data.validation leave nothing to train on: 0.5 and 0.5 are held out, expected less than 1 together")]
    [InlineData("data.targetMap=a", "data.targetMap is for rows with an input and a target, and a language-model reads one running text")]
    [InlineData("data={ source: a, tokens: bpe }", "data.vocabulary is missing: number of tokens, which data.tokens: bpe needs, such as 4000")]
    [InlineData("data={ source: a, tokens: bpe, vocabulary: 256 }", "data.vocabulary must be more than the 256 bytes for data.tokens: bpe, got 256")]
    [InlineData("data.onBadRow=skip", "data.onBadRow is for rows with an input and a target, and a language-model reads one running text")]
    [InlineData("model.pooling=mean", "model.pooling is for a classifier or a regressor, which answer once a sequence: a language-model answers at every step")]
    [InlineData("model.layers[1].gru.bidirectional=sum", "model.layers[1].gru.bidirectional must be none for a language-model: a layer that runs backwards would see the tokens that are to be told")]
    [InlineData("model.loss=huber", "model.loss must be cross-entropy for a language-model, whose targets are classes; huber is for numbers")]
    [InlineData("model={ embedding: 9, tied: true, layers: [gru: { units: 8 }] }", "model.tied shares the weights of the embedding, whose model.embedding 9 features must be those of the last layer, which gives 8")]
    [InlineData("model={ residual: true, layers: [gru: { units: 8 }] }", "model.residual leads around each layer but the first, and there is one only")]
    [InlineData("model={ residual: true, layers: [gru: { units: 8 }, gru: { units: 9 }] }", "model.layers[1] gives 9 features of 8: with model.residual, which adds both, they must be as many")]
    [InlineData("model.decoder.layers=[gru: { units: 8 }]", "model.decoder is for seq2seq only: a language-model writes no sequence of its own")]
    [InlineData("training.recompute=100", "training.recompute must be a multiple of 64, or 0, got \"100\"")]
    [InlineData("model.characters={ units: 8 }", "model.characters is for a classifier, tagger or regressor that reads words: the task is language-model")]
    [InlineData("training.rates={ norms.0: 0 }", "training.rates.norms.0 names no layer: known are embedding, layers.0, layers.1, head")]
    [InlineData("training.validate.metric=accuracy", "training.validate.metric must be loss for a language-model, got accuracy")]
    [InlineData("training.growth={ from: 8 }", "training.growth.from is for tasks with an answer at each step of a row, a tagger or a regressor with answers: step: a language-model needs its rows whole")]
    [InlineData("training.growth={ to: 8 }", "training.growth.to must be at least training.growth.from, which must be positive with it, got 8 from 0")]
    [InlineData("training.growth={ from: 9, to: 8 }", "training.growth.to must be at least training.growth.from, which must be positive with it, got 8 from 9")]
    [InlineData("model.layers[0].lstm={ units: 8, coupledInputForget: true, inputBias: 1 }", "model.layers[0].lstm.inputBias has no gate of its own with coupledInputForget: it begins at the negative of forgetBias")]
    [InlineData("training.keepBest=true", "training.keepBest is decided by validations on the way: training.validate.every must be positive, got 0")]
    [InlineData("training.stopEarly={ patience: 3 }", "training.stopEarly.patience is decided by validations on the way: training.validate.every must be positive, got 0")]
    public void What_does_not_belong_to_a_language_model_is_refused(string change, string message) => Refusal(Text, change).ShouldBe($"--set {change}: {message}");

    [Fact]
    public void What_is_decided_by_validations_needs_a_part_that_is_held_out() =>
        Should.Throw<UserErrorException>(() => Jobs.Read(Jobs.MobyDick, "data.validation=0", "training.validate.every=5", "training.keepBest=true"))
            .Message.ShouldBe("--set training.keepBest=true: training.keepBest is decided by validations: data.validation must be above 0, got 0");

    [Theory]
    [InlineData("tagger", "model.pooling=mean", "model.pooling is for a classifier or a regressor, which answer once a sequence: a tagger answers at every step")]
    [InlineData("regressor", "training.growth.from=8", "training.growth.from is for tasks with an answer at each step of a row, a tagger or a regressor with answers: step: a regressor needs its rows whole")]
    [InlineData("classifier", "model.tied=true", "model.tied is for a language-model: the head of a classifier does not tell the tokens that the embedding reads")]
    [InlineData("classifier", "model.loss=squared-error", "model.loss must be cross-entropy for a classifier, whose targets are classes; squared-error is for numbers")]
    [InlineData("regressor", "model.loss=cross-entropy", "model.loss must be squared-error, huber or binary-cross-entropy for a regressor, whose targets are numbers; cross-entropy is for classes")]
    [InlineData("classifier", "data.tokens=bpe", "data.tokens bpe is for texts: a classifier reads char, byte, word or numbers")]
    [InlineData("classifier", "data.format=tagged", "data.input names a column, and data.format: tagged has none", "job.yaml:5")]
    [InlineData("classifier", "data={ source: a, format: tagged }", "data.format tagged is for a tagger, and the task is classifier")]
    [InlineData("tagger", "data={ source: a, format: tagged, tokens: byte }", "data.tokens must be word or char for data.format: tagged")]
    [InlineData("tagger", "data={ source: a, format: dictionary }", "data.format dictionary is for a seq2seq, and the task is tagger")]
    [InlineData("classifier", "data={ source: a, format: idx, features: 2 }", "data.targetSource is missing: the files with the targets, which data.format: idx has apart from the inputs")]
    [InlineData("classifier", "data={ source: a, format: idx, targetSource: b, features: 2, testSource: c }", "data.testTargetSource is missing: data.format: idx has inputs and targets apart, for the test too")]
    [InlineData("classifier", "data={ source: a, format: idx, targetSource: b, features: 2, longer: cut }", "data.longer must be fail for data.format: idx, whose images are all of one size; raise training.length")]
    [InlineData("classifier", "data={ source: a, format: idx, targetSource: b, features: 2, onBadRow: skip }", "data.onBadRow must be fail for data.format: idx: a file of images is right or wrong as a whole")]
    [InlineData("classifier", "data={ source: a, format: folders, targetSource: b }", "data.targetSource holds targets that stand apart, and with data.format: folders they stand beside the inputs")]
    [InlineData("classifier", "data={ source: a, format: folders, testSource: b, test: 0.1 }", "data.test must be 0 with data.testSource, which is all for the test")]
    [InlineData("classifier", "data={ source: a, format: folders, targetWithout: x }", "data.targetWithout is for data.format: dictionary and parallel")]
    [InlineData("regressor", "data.source=synthetic:adding", "data.input is for files, and the data are made (data.source)", "job.yaml:5")]
    [InlineData("regressor", "data={ source: \"synthetic:adding?length=100\" }", "training.length must be at least 110, the longest sequence of this source, got 64", "job.yaml:12")]
    [InlineData("regressor", "data={ source: \"synthetic:adding?length=50\", features: 3 }", "data.features must be 2 for this source, got 3")]
    [InlineData("regressor", "data={ source: synthetic:dividing }", "data.source must be synthetic:adding, synthetic:spike-delays, synthetic:timed-spikes or synthetic:periodic, got \"synthetic:dividing\"")]
    [InlineData("regressor", "data={ source: \"synthetic:periodic?length=50\", testSource: test.tsv }", "data.testSource must be made as data.source is, got test.tsv")]
    [InlineData("regressor", "data={ source: \"synthetic:periodic?length=50\", testSource: \"synthetic:adding?length=50\" }", "data.testSource must make what data.source makes: only its options may be others")]
    [InlineData("regressor", "data={ source: \"synthetic:periodic?length=50\", testSource: \"synthetic:periodic?size=50\" }", "data.testSource has the option \"size\", expected count, length, period, shape")]
    [InlineData("regressor", "data={ source: \"synthetic:periodic?length=50\", testSource: \"synthetic:periodic?length=500\", test: 0.1 }", "data.test must be 0 with data.testSource, which is all for the test")]
    [InlineData("regressor", "task.regressor.tolerance=-1", "task.regressor.tolerance must be a number of at least 0, got \"-1\"")]
    [InlineData("tagger", "data={ source: synthetic:periodic }", "data.source makes numbers for a regressor, and the task is tagger")]
    [InlineData("classifier", "data.features=3", "data.features is for data.tokens: numbers only")]
    [InlineData("classifier", "data={ source: a, input: b, target: c, key: d, split: order }", "data.key is what data.split: hash goes by, and data.split is order")]
    [InlineData("classifier", "data={ source: a, input: b, target: c, tokens: byte, vocabulary: 9 }", "data.vocabulary limits words or characters: data.tokens are neither")]
    [InlineData("tagger", "data.targetTokens=word", "data.targetTokens is for seq2seq only: the targets of a tagger are no sequences of tokens")]
    [InlineData("regressor", "task.regressor.outputs=0", "task.regressor.outputs must be an integer from 1 to 65536, got \"0\"")]
    [InlineData("tagger", "model.characters={ units: 8 }", "model.characters is for words: it needs data.tokens: word")]
    [InlineData("tagger", "model.wordDropout=0.1", "model.wordDropout is for words: it needs data.tokens: word")]
    [InlineData("tagger", "model.characters={ length: 0 }", "model.characters.length must be an integer from 1 to 65536, got \"0\"")]
    [InlineData("classifier", "model.loss={ cross-entropy: { smoothing: 1 } }", "model.loss.cross-entropy.smoothing must be a number from 0 up to, but not including, 1, got \"1\"")]
    [InlineData("regressor", "training.validate.metric=f1", "training.validate.metric must be loss or mae or rmse for a regressor, got f1")]
    [InlineData("classifier", "training.validate.metric=mae", "training.validate.metric must be loss or accuracy or f1 for a classifier, got mae")]
    [InlineData("tagger", "training.validate.class=NOUN", "training.validate.class names the class whose F1 counts, and what counts is loss: it needs training.validate.metric: f1")]
    [InlineData("tagger", "training.validate.metric=acuracy", "training.validate.metric must be one of loss, accuracy, f1, mae, rmse, got \"acuracy\"")]
    public void What_does_not_belong_to_a_task_of_rows_is_refused(string task, string change, string message, string? place = null) =>
        Refusal(Rows.Replace("TASK", task, StringComparison.Ordinal), change).ShouldBe($"{place ?? $"--set {change}"}: {message}");

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
    [InlineData("model.wordDropout=0.1", "model.wordDropout is for a classifier, tagger or regressor that reads words: the task is seq2seq")]
    [InlineData("model.tied=true", "model.tied is for a language-model: of a seq2seq it is model.decoder.tied, since its head tells target tokens")]
    [InlineData("model.pooling=last", "model.pooling is for a classifier or a regressor: the decoder of a seq2seq sees the whole source")]
    [InlineData("training.rates={ embedding: 0 }", "training.rates.embedding names no layer: known are encoder.embedding, encoder.layers.0, bridge, decoder.embedding, decoder.layers.0, attention, head")]
    public void What_does_not_fit_a_decoder_is_refused(string change, string message) => Refusal(Translation, change).ShouldBe($"--set {change}: {message}");

    [Theory]
    [InlineData("data={ source: t.csv }", "data.columns is missing: the columns that the model reads, such as columns: [numeric: { name: births, role: target }]")]
    [InlineData("data={ source: t.csv, columns: [numeric: { name: a }] }", "data.columns must have a numeric column with role: target, which a forecaster tells, and has none")]
    [InlineData("data={ source: t.csv, columns: [numeric: { name: a, role: target }, categorical: { name: a }] }", "data.columns[1] is named \"a\" as one before it, expected each column once")]
    [InlineData("data={ source: t.csv, columns: [categorical: { name: a, role: target }] }", "data.columns[0].categorical.role must be one of past, known, got \"target\"")]
    [InlineData("data={ source: t.csv, split: hash, columns: [numeric: { name: a, role: target }] }", "data.split hash holds out whole series, and without data.series all rows are one; use order")]
    [InlineData("data={ source: t.csv, input: a, columns: [numeric: { name: a, role: target }] }", "data.input is for rows with an input and a target, and a forecaster reads windows of a table (data.columns)")]
    [InlineData("data={ source: t.csv, tokens: word, columns: [numeric: { name: a, role: target }] }", "data.tokens must be numbers for a forecaster, which reads the columns of a table")]
    [InlineData("data={ source: t.csv, columns: [numeric: { name: a, role: target }, date: { name: b, format: \"HH:mm\" }] }", "data.columns[1].date.features has weekday, which needs the year, and format: \"HH:mm\" has none; name features that it has, such as hour")]
    [InlineData("data={ source: t.csv, columns: [numeric: { name: a, role: target }, date: { name: b, format: M-d, features: [month, us-holidays] }] }", "data.columns[1].date.features has us-holidays, which needs the year, and format: \"M-d\" has none; name features that it has, such as month")]
    [InlineData("data={ source: t.csv, columns: [numeric: { name: a, role: target }, date: { name: b, format: \"dddd HH:mm\", features: [hour] }] }", "data.columns[1].date.format names the day of the week, which only a date with a year has, and \"dddd HH:mm\" has none; leave ddd or dddd out of format and text")]
    [InlineData("data={ source: t.csv, columns: [numeric: { name: a, role: target }, date: { name: b, format: H, features: [daytime, day] }] }", "data.columns[1].date.features has day, which needs the day, and format: \"H\" has none; name features that it has, such as hour")]
    [InlineData("task={ forecaster: { context: 8, horizon: 2, season: 9 } }", "task.forecaster.season must be at most the 8 rows that are read (context), got 9")]
    [InlineData("task={ anomaly: { context: 8, horizon: 1, quantile: 1 } }", "task.anomaly.quantile must be a number above 0 and below 1, got \"1\"")]
    [InlineData("model.loss=binary-cross-entropy", "model.loss must be squared-error or huber for a forecaster, which tells numbers of any size; binary-cross-entropy is for numbers from 0 to 1")]
    [InlineData("model.pooling=mean", "model.pooling is for a classifier or a regressor, which answer once a sequence: a forecaster answers at every step")]
    public void What_does_not_fit_a_table_is_refused(string change, string message) => Refusal(Table, change).ShouldBe($"--set {change}: {message}");

    [Fact]
    public void What_a_format_and_a_source_have_beside_the_file_is_filled_in()
    {
        var words = Jobs.Read(Rows.Replace("TASK", "tagger", StringComparison.Ordinal), "data={ source: a, format: tagged }");
        (words.Data.Tokens, words.Data.Split).ShouldBe((TokenKind.Word, SplitKind.Hash));
        var spellings = Jobs.Read(Translation, "data={ source: a, format: dictionary }");
        (spellings.Data.Tokens, spellings.Data.TargetTokens).ShouldBe((TokenKind.Character, TokenKind.Word));
        var made = Jobs.Read(Rows.Replace("TASK", "regressor", StringComparison.Ordinal), "data={ source: \"synthetic:periodic?length=60\" }");
        (made.Task, made.Data.Features, made.Data.Split, made.Model.Pooling).ShouldBe((new RegressorTask { Answers = RegressorAnswers.Step }, 1, SplitKind.Order, null));
        Jobs.Read(JobWriter.Write(made)).ShouldBe(made);
        Jobs.Read(JobWriter.Write(words)).ShouldBe(words);
        Jobs.Read(JobWriter.Write(spellings)).ShouldBe(spellings);
        var images = Jobs.Read(Rows.Replace("TASK", "classifier", StringComparison.Ordinal), "data={ source: a, format: idx, targetSource: b, features: 2 }");
        Jobs.Read(JobWriter.Write(images)).ShouldBe(images);
    }

    [Fact]
    public void Columns_of_another_task_are_refused() =>
        Refusal(Table, "task=classifier").ShouldBe("job.yaml:5: data.columns is for a forecaster or anomaly, which read tables: a classifier does not");

    [Fact]
    public void What_a_table_has_beside_the_file_is_filled_in()
    {
        var job = Jobs.Read(Table);

        (job.Data.Format, job.Data.Split, job.Data.Tokens, job.Data.OnBadRow).ShouldBe((DataFormat.Csv, SplitKind.Order, TokenKind.Numbers, MalformedRows.Fail));
        job.Data.Columns![1].ShouldBe(new DateColumnOptions { Name = "b" });
        (job.Model.Pooling, job.Model.Loss).ShouldBe((null, new SquaredErrorOptions()));
    }

    [Fact]
    public void A_regressor_that_answers_each_step_has_no_pooling()
    {
        var yaml = Rows.Replace("TASK", "{ regressor: { answers: step } }", StringComparison.Ordinal);

        Jobs.Read(yaml).Model.Pooling.ShouldBeNull();
        Refusal(yaml, "model.pooling=last").ShouldBe("--set model.pooling=last: model.pooling makes one vector of a sequence, and with task.regressor.answers: step each of its steps is answered");
    }

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

    [Fact]
    public void Words_that_are_read_letter_by_letter_have_a_part_of_the_model_for_it()
    {
        var job = Jobs.Read(Rows.Replace("TASK", "tagger", StringComparison.Ordinal), "data.tokens=word", "model.characters={ units: 8 }", "training.rates={ characters: 0, characters.layers.0: 1 }");

        job.Model.Characters.ShouldBe(new CharacterOptions { Embedding = 32, Units = 8, Length = 32 });
        Jobs.Read(JobWriter.Write(job)).ShouldBe(job);
        Jobs.Read(Rows.Replace("TASK", "tagger", StringComparison.Ordinal)).Model.Characters.ShouldBeNull();
    }

    static string Refusal(string yaml, string change) => Should.Throw<UserErrorException>(() => Jobs.Read(yaml, change)).Message;
}
