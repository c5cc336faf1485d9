namespace Trainer.Cli.Tests;

/// <summary>
/// The short twin of the example that pronounces words, from the dictionary to a pronunciation. <c>LSTM_CLUSTER_SPELLING_STEPS</c> for more steps than the example has; the bar stays.
/// </summary>
[Trait("Category", "Slow")]
public sealed class SpellingTests
{
    // What docs/tasks/spelling-to-phonemes.md states.
    const double PhonemeErrorBar = 0.10;

    static readonly string s_example = Path.Combine(Repository.Root, "examples", "cmudict-short.yaml");

    [Fact]
    public async Task Short_words_that_were_never_seen_are_pronounced_to_the_stated_bar()
    {
        using var workspace = new Workspace();
        string[] steps = Environment.GetEnvironmentVariable("LSTM_CLUSTER_SPELLING_STEPS") is { } more ? ["--set", $"training.steps={more}"] : [];
        var trained = await workspace.RunAsync(["train", s_example, "--json", "--run", "run", .. steps]);
        trained.ExitCode.ShouldBe(0, trained.Errors);

        var figures = (await workspace.RunAsync("eval", "run", "--part", "test", "--json")).Last;
        figures.Whole("rows").ShouldBeGreaterThan(4000);
        figures.Number("token_error").ShouldBeInRange(0.02, PhonemeErrorBar);
        figures.Number("sequence_error").ShouldBeInRange(figures.Number("token_error"), 0.32);

        // As regular as English spelling gets, so that a model within the bar has them right whatever the seed.
        workspace.Write("words.txt", "BANKS\nPLANT\nFISH\n");
        var lines = (await workspace.RunAsync("predict", "run", "--input", "words.txt", "--lines")).Events;
        lines.Select(line => line.Text("output")).ShouldBe(["B AE NG K S", "P L AE N T", "F IH SH"]);
    }
}
