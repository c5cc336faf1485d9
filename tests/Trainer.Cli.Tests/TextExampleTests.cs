namespace Trainer.Cli.Tests;

/// <summary>
/// The examples over texts, made small, to a bar that they pass with room. With <c>LSTM_CLUSTER_WHOLE_EXAMPLES=1</c> the mails are classified by the example as it is, to the figure that
/// docs/tasks promises; that takes minutes.
/// </summary>
[Trait("Category", "Slow")]
public sealed class TextExampleTests
{
    static readonly bool s_whole = Environment.GetEnvironmentVariable("LSTM_CLUSTER_WHOLE_EXAMPLES") == "1";

    [Fact]
    public async Task A_small_model_of_words_tells_held_out_speeches_better_than_how_frequent_words_are()
    {
        using var workspace = new Workspace();
        await TrainAsync(
            "sotu-words", workspace["words"], "data.vocabulary=2000", "model.embedding=64", "model.layers=[lstm: { units: 64 }, lstm: { units: 64 }]", "training.steps=800",
            "training.optimizer.adam.rate=0.006");

        var figures = await EvaluateAsync(workspace["words"]);
        figures.Number("perplexity").ShouldBeLessThan(100, "how frequent the words are leaves 146");
        figures.Number("perplexity").ShouldBeGreaterThan(20, "no model of this size can be so good");
    }

    [Fact]
    public async Task A_small_classifier_tells_unwanted_mail()
    {
        using var workspace = new Workspace();
        string[] small =
        [
            "model.embedding=32", "model.layers=[lstm: { units: 32, bidirectional: concatenate }]", "training.length=192", "training.steps=300", "training.optimizer.adam.rate=0.004",
        ];
        await TrainAsync("spam", workspace["spam"], s_whole ? [] : small);

        var spam = (await EvaluateAsync(workspace["spam"])).GetProperty("classes").EnumerateArray().Single(one => one.Text("class") == "spam");
        spam.Number("f1").ShouldBeGreaterThanOrEqualTo(s_whole ? 0.98 : 0.94);
    }

    /// <summary>Trains an example, from where its relative paths lead.</summary>
    static async Task TrainAsync(string example, string run, params string[] changes)
    {
        var result = await Command.RunAsync(
            Repository.Root,
            ["train", $"examples/{example}.yaml", "--json", "--run", run, .. changes.SelectMany(change => new[] { "--set", change })]);
        result.ExitCode.ShouldBe(0, result.Errors);
    }

    static async Task<System.Text.Json.JsonElement> EvaluateAsync(string run)
    {
        var result = await Command.RunAsync(Repository.Root, ["eval", run, "--json", "--part", "test"]);
        result.ExitCode.ShouldBe(0, result.Errors);
        return result.Last;
    }
}
