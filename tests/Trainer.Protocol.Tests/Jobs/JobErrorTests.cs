using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

public class JobErrorTests
{
    /// <summary>A text of the good file, what stands there instead, and the whole message.</summary>
    public static TheoryData<string, string, string> BadFiles => new()
    {
        { "units: 256 }\n  dropout", "units: many }\n  dropout", "job.yaml:12: model.layers[1].lstm.units must be an integer from 1 to 65536, got \"many\"" },
        { "units: 256 }\n  dropout", "units: 0 }\n  dropout", "job.yaml:12: model.layers[1].lstm.units must be an integer from 1 to 65536, got \"0\"" },
        { "units: 256 }\n  dropout", "unitz: 256 }\n  dropout", "job.yaml:12: model.layers[1].lstm.unitz is not a known key (did you mean units?)" },
        { "units: 256 }\n  dropout", "}\n  dropout", "job.yaml:12: model.layers[1].lstm.units is missing: units of the layer (integer 1 to 65536)" },
        { "- lstm: { units: 256 }\n  dropout", "- lsmt: { units: 256 }\n  dropout", "job.yaml:12: model.layers[1] must be one of lstm, gru, rnn, got \"lsmt\" (did you mean lstm?)" },
        { "- lstm: { units: 256 }\n  dropout", "- 7\n  dropout", "job.yaml:12: model.layers[1] must be one of lstm, gru, rnn, got \"7\" (known here: lstm, gru, rnn)" },
        { "steps: 2000", "steps: -1", "job.yaml:18: training.steps must be a positive integer, got \"-1\"" },
        { "steps: 2000", "steps: 1.5", "job.yaml:18: training.steps must be a positive integer, got \"1.5\"" },
        { "steps: 2000", "steps: 3000000000", "job.yaml:18: training.steps must be a positive integer, got \"3000000000\"" },
        { "steps: 2000", "steps: [1, 2]", "job.yaml:18: training.steps must be a positive integer, got a list" },
        { "steps: 2000", "steps: { a: 1 }", "job.yaml:18: training.steps must be a positive integer, got a mapping" },
        { "steps: 2000", "steps:", "job.yaml:18: training.steps must be a positive integer, got nothing" },
        { "  steps: 2000\n", "", "job.yaml:14: training.steps is missing: optimizer steps of the whole run (integer at least 1)" },
        { "steps: 2000", "steps: 2000\n  batch: 16", "job.yaml:19: key \"batch\" is given twice" },
        { "shards: 8", "shards: 5", "job.yaml:17: training.shards must divide training.batch, got 5 for a batch of 32" },
        { "batch: 32", "batch: 4", "job.yaml:17: training.shards must divide training.batch, got 8 for a batch of 4" },
        { "batch: 32\n  length: 64", "batch: 65536\n  length: 65536", "job.yaml:16: training.length times training.batch must be at most 16777216 tokens a step, got 65536 x 65536" },
        { "validation: 0.1", "validation: 1", "job.yaml:7: data.validation must be a number from 0 up to, but not including, 1, got \"1\"" },
        { "validation: 0.1", "validation: NaN", "job.yaml:7: data.validation must be a number from 0 up to, but not including, 1, got \"NaN\"" },
        { "tokens: char", "tokens: words", "job.yaml:6: data.tokens must be one of char, byte, word, bpe, numbers, got \"words\"" },
        { "task: language-model", "task: language-modal", "job.yaml:3: task must be one of language-model, classifier, tagger, regressor, forecaster, anomaly, seq2seq, got \"language-modal\" (did you mean language-model?)" },
        { "name: moby-dick", "name: ../evil", "job.yaml:1: name must be a name of letters, digits, \".\", \"_\" and \"-\" that begins with a letter or digit, got \"../evil\"" },
        { "seed: 42", "seed: -1", "job.yaml:2: seed must be an integer from 0 to 18446744073709551615, got \"-1\"" },
        { "seed: 42", "sede: 42", "job.yaml:2: sede is not a known key (did you mean seed?)" },
        { "seed: 42", "zzzzzzzzzz: 42", "job.yaml:2: zzzzzzzzzz is not a known key (known here: name, seed, task, data, model, training)" },
        { "optimizer: { adam: { rate: 0.002 } }", "optimizer: { adam: { rate: 0.002 }, sgd: {} }", "job.yaml:19: training.optimizer must be exactly one of sgd, adam, adamw, rmsprop, adagrad, nadam, got adam and sgd" },
        { "optimizer: { adam: { rate: 0.002 } }", "optimizer: { adam: { rate: 0 } }", "job.yaml:19: training.optimizer.adam.rate must be a positive number, got \"0\"" },
        { "optimizer: { adam: { rate: 0.002 } }", "optimizer: { rmsprop: { centered: yes } }", "job.yaml:19: training.optimizer.rmsprop.centered must be true or false, got \"yes\"" },
        { "steps: 2000", "steps: 2000\n  rates: { layers.2: 0 }", "job.yaml:19: training.rates.layers.2 names no layer: known are embedding, layers.0, layers.1, head" },
        { "steps: 2000", "steps: 2000\n  rates: { layers.10: 0 }", "job.yaml:19: training.rates.layers.10 names no layer: known are embedding, layers.0, layers.1, head" },
        { "steps: 2000", "steps: 2000\n  rates: { head: -1 }", "job.yaml:19: training.rates.head must be a number of at least 0, got \"-1\"" },
        { "steps: 2000", "steps: 2000\n  rates: 0.1", "job.yaml:19: training.rates must be factors by the names of layers, such as { embedding: 0.1, layers.0: 0 }, got \"0.1\"" },
        { "steps: 2000", "steps: 2000\n  average: { decay: 1 }", "job.yaml:19: training.average.decay must be a number from 0 up to, but not including, 1, got \"1\"" },
        { "clip: { norm: 1.0 }", "clip: 5", "job.yaml:20: training.clip must be one of none, norm, value, got \"5\" (known here: none, norm, value)" },
        { "every: 30s", "every: 30", "job.yaml:21: training.checkpoint.every must be a time such as 30s or 5m (at most 720h), or a number of steps such as 100 steps, got \"30\"" },
        { "every: 30s", "every: 999999999h", "job.yaml:21: training.checkpoint.every must be a time such as 30s or 5m (at most 720h), or a number of steps such as 100 steps, got \"999999999h\"" },
        { "clip: { norm: 1.0 }", "schedule: { cosine: { warmup: 2000 } }", "job.yaml:20: training.schedule.cosine.warmup must be fewer steps than training.steps, got 2000 of 2000" },
        { "name: moby-dick", "name: &loop [*loop]", "job.yaml:1: " },
        { "name: moby-dick", "? [a, b]\n: c", "job.yaml:1: a key must be a plain word" },
        { "name: moby-dick", "---\na: b\n---\nname: moby-dick", "job.yaml:4: a second YAML document begins here, expected one" },
        { "name: moby-dick", "name: [moby", "job.yaml:1: not valid YAML from here on" },
        { "name: moby-dick", "name: \"moby", "job.yaml:" },
        { "name: moby-dick", "name:\tmoby\n\t- x", "job.yaml:1: not valid YAML: " },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void A_bad_file_is_named_with_line_key_and_expectation(string good, string bad, string message)
    {
        Jobs.MobyDick.ShouldContain(good);

        var error = Should.Throw<UserErrorException>(() => Jobs.Read(Jobs.MobyDick.Replace(good, bad, StringComparison.Ordinal)));

        error.Message.ShouldStartWith(message);
        error.Message.ShouldNotContain("\n");
        if (!message.EndsWith(' ') && !message.EndsWith(':') && !message.EndsWith("key", StringComparison.Ordinal))
            error.Message.ShouldBe(message);
    }

    [Theory]
    [InlineData("training.batch=0", "--set training.batch=0: training.batch must be an integer from 1 to 65536, got \"0\"")]
    [InlineData("training.bach=3", "--set training.bach=3: training.bach is not a known key (did you mean batch?)")]
    [InlineData("training.optimizer.adam.beta3=3", "--set training.optimizer.adam.beta3=3: training.optimizer.adam.beta3 is not a known key (did you mean beta1?)")]
    [InlineData("training.shards=5", "--set training.shards=5: training.shards must divide training.batch, got 5 for a batch of 32")]
    [InlineData("model.layers[2].lstm.units=5", "--set model.layers[2].lstm.units=5: model.layers[2] does not exist, the list has 2")]
    [InlineData("model.layers.lstm.units=5", "--set model.layers.lstm.units=5: model.layers is a list, expected a position such as model.layers[0]")]
    [InlineData("data[0]=5", "--set data[0]=5: data is not a list in the job file")]
    [InlineData("model.layers[99999999999]=5", "--set model.layers[99999999999]=5: [99999999999] is not a position in a list")]
    [InlineData("training.steps", "--set training.steps: expected key.path=value, such as training.steps=100")]
    [InlineData("=5", "--set =5: expected key.path=value, such as training.steps=100")]
    [InlineData("training.steps=", "--set training.steps=: training.steps must be a positive integer, got nothing")]
    [InlineData("model.layers=[]", "--set model.layers=[]: model.layers must be a list of 1 to 64 items, got 0")]
    [InlineData("model=5", "--set model=5: model must be a section of keys, got \"5\"")]
    public void A_bad_override_is_named_as_it_was_typed(string argument, string message) =>
        Should.Throw<UserErrorException>(() => Jobs.Read(Jobs.MobyDick, argument)).Message.ShouldBe(message);

    [Fact]
    public void An_override_that_is_not_yaml_is_named() =>
        Should.Throw<UserErrorException>(() => Jobs.Read(Jobs.MobyDick, "model.layers=[1,")).Message.ShouldStartWith("--set model.layers=[1,: not valid YAML: ");

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    public void An_empty_file_is_named(string yaml) =>
        Should.Throw<UserErrorException>(() => Jobs.Read(yaml)).Message.ShouldBe("job.yaml: the job file is empty, expected at least name, task, data, model and training");

    [Theory]
    [InlineData("just text", "job.yaml:1: a job file must be a section of keys, got \"just text\"")]
    [InlineData("[1, 2]", "job.yaml:1: a job file must be a section of keys, got a list")]
    public void A_file_without_keys_is_named(string yaml, string message) =>
        Should.Throw<UserErrorException>(() => Jobs.Read(yaml)).Message.ShouldBe(message);

    [Fact]
    public void Deep_nesting_is_refused_before_it_can_overflow_the_stack() =>
        Should.Throw<UserErrorException>(() => Jobs.Read(new string('[', 500_000))).Message.ShouldBe("job.yaml:1: more than 64 levels of nesting, expected a job file");

    [Fact]
    public void Any_damage_to_a_file_gives_a_job_or_one_line()
    {
        var damage = from at in Gen.Choose(0, Jobs.MobyDick.Length - 1)
                     from removed in Gen.Choose(0, 3)
                     from added in Gen.Elements("", "[", "]", "{", "}", ":", "-", "#", "&a", "*a", "!", "|", ">", "'", "\"", "%", "@", "\t", "\n", "\0", "?", ",", "\uFEFF", "\u2028", "---\n", "...\n", "\\")
                     select string.Concat(Jobs.MobyDick.AsSpan(0, at), added, Jobs.MobyDick.AsSpan(Math.Min(at + removed, Jobs.MobyDick.Length)));

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(damage.ToArbitrary(), text =>
        {
            try
            {
                return Jobs.Read(text).Training.Steps > 0;
            }
            catch (UserErrorException error)
            {
                return error.Message.StartsWith("job.yaml:", StringComparison.Ordinal) && !error.Message.Contains('\n', StringComparison.Ordinal);
            }
        }));
    }

    [Fact]
    public void A_job_of_many_aliases_is_read_or_refused_at_once()
    {
        // Each level names the one before ten times: expanded, this would be ten to the power of twenty nodes.
        var levels = Enumerable.Range(1, 20).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]");

        Should.Throw<UserErrorException>(() => Jobs.Read($"a0: &a0 x\n{string.Join('\n', levels)}")).Message.ShouldStartWith("job.yaml:1: a0 is not a known key");
    }
}
