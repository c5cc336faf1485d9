namespace LstmCluster.Compute.Tests;

public class ReadmeTests
{
    const int CodeIndent = 8;

    [Theory]
    [InlineData("A classifier")]
    [InlineData("A stream")]
    public void The_page_shows_what_is_compiled_here(string region)
    {
        var code = Region(File.ReadAllLines(Path.Combine(Root(), "tests", "Lstm.Compute.Tests", "Readme", "Examples.cs")), region);
        var page = File.ReadAllText(Path.Combine(Root(), "README.md")).ReplaceLineEndings("\n");
        page.ShouldContain($"```csharp\n{string.Join('\n', code)}\n```");
    }

    [Fact]
    public void The_classifier_learns() => Examples.Classifier().ShouldBeGreaterThan(60);

    [Fact]
    public void The_stream_answers_with_the_bits_of_the_whole_sequence()
    {
        var (streamed, atOnce) = Examples.Streaming();
        streamed.ShouldBe(atOnce);
    }

    static IEnumerable<string> Region(string[] lines, string region)
    {
        var inside = lines.SkipWhile(line => line.Trim() != $"#region {region}").Skip(1).TakeWhile(line => line.Trim() != "#endregion").ToList();
        inside.ShouldNotBeEmpty(region);
        return inside.Select(line => line.Length == 0 ? line : line[CodeIndent..]);
    }

    static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "LstmCluster.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("the tests must run within the repository");
    }
}
