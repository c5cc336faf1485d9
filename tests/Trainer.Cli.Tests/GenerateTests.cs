using System.Text;

namespace Trainer.Cli.Tests;

public sealed class GenerateTests(GenerateTests.Run run) : IClassFixture<GenerateTests.Run>
{
    [Fact]
    public async Task The_same_seed_gives_the_same_text_and_another_seed_another()
    {
        var first = await run.GenerateAsync("--seed", "1");
        var again = await run.GenerateAsync("--seed", "1");
        var other = await run.GenerateAsync("--seed", "2");

        again.ShouldBe(first);
        other.ShouldNotBe(first);
    }

    [Fact]
    public async Task As_many_characters_come_as_were_asked_for_after_the_prompt()
    {
        (await run.GenerateAsync("--length", "37")).Length.ShouldBe(37);
        var prompted = await run.GenerateAsync("--length", "5", "--prompt", "the whale");
        prompted.ShouldStartWith("the whale");
        prompted.Length.ShouldBe("the whale".Length + 5);
    }

    [Fact]
    public async Task Temperature_zero_and_top_k_one_both_take_the_likeliest_always()
    {
        var cold = await run.GenerateAsync("--temperature", "0", "--seed", "1");

        (await run.GenerateAsync("--temperature", "0", "--seed", "2")).ShouldBe(cold);
        (await run.GenerateAsync("--top-k", "1", "--seed", "3")).ShouldBe(cold);
    }

    [Fact]
    public async Task Characters_of_several_bytes_come_out_whole_with_a_vocabulary_of_bytes()
    {
        using var workspace = new Workspace();
        workspace.Write("text.txt", string.Concat(Enumerable.Repeat("éàü→", 600)));
        (await workspace.TrainAsync("--set", "data.tokens=byte", "--set", "model.dropout=0", "--set", "training.optimizer={ adam: { rate: 0.03 } }")).ExitCode.ShouldBe(0);

        var result = await workspace.RunAsync("generate", "runs/small", "--prompt", "éàü→", "--length", "90", "--temperature", "0");

        result.Output.ShouldBe(string.Concat(Enumerable.Repeat("éàü→", 11)), "90 bytes are ten times nine");
        Encoding.UTF8.GetByteCount(result.Output).ShouldBe(99);
    }

    public sealed class Run : IAsyncLifetime
    {
        readonly Workspace _workspace = new();

        public async ValueTask InitializeAsync() => (await _workspace.TrainAsync()).ExitCode.ShouldBe(0);

        public async Task<string> GenerateAsync(params string[] arguments)
        {
            var result = await _workspace.RunAsync(["generate", "runs/small", .. arguments]);
            result.ExitCode.ShouldBe(0, result.Errors);
            return result.Output;
        }

        public ValueTask DisposeAsync()
        {
            _workspace.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
