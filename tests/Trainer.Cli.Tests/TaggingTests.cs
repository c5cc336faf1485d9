namespace Trainer.Cli.Tests;

/// <summary>
/// The short twin of the example that tags words, from the corpus to the tags of a sentence. <c>LSTM_CLUSTER_TAGGING_STEPS</c> for more steps than the example has; the bar stays.
/// </summary>
[Trait("Category", "Slow")]
public sealed class TaggingTests
{
    // What docs/tasks/tagging.md states.
    const double AccuracyBar = 0.93;

    static readonly string s_examples = Path.Combine(Repository.Root, "examples");

    [Fact]
    public async Task Sentences_that_were_never_seen_are_tagged_to_the_stated_bar()
    {
        using var workspace = new Workspace();
        string[] steps = Environment.GetEnvironmentVariable("LSTM_CLUSTER_TAGGING_STEPS") is { } more ? ["--set", $"training.steps={more}"] : [];
        var trained = await workspace.RunAsync(
            ["train", Path.Combine(s_examples, "brown-tagger-short.yaml"), "--json", "--run", "run", "--set", $"data.targetMap={Path.Combine(s_examples, "brown-universal.tsv")}", .. steps]);
        trained.ExitCode.ShouldBe(0, trained.Errors);

        var figures = (await workspace.RunAsync("eval", "run", "--part", "test", "--json")).Last;
        figures.Whole("tokens").ShouldBeGreaterThan(8000);
        figures.Number("accuracy").ShouldBeInRange(AccuracyBar, 0.99);

        // The verb is no word, and looks like what it is.
        workspace.Write("lines.txt", "The mayor glorped in Atlanta .\n");
        var tags = (await workspace.RunAsync("predict", "run", "--input", "lines.txt", "--lines")).Events.Single().GetProperty("tags").EnumerateArray().Select(tag => tag.GetString());
        tags.ShouldBe(["DET", "NOUN", "VERB", "ADP", "NOUN", "."]);
    }
}
