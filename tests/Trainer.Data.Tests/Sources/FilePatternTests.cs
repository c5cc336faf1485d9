using System.Runtime.Versioning;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class FilePatternTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("patterns-").FullName;

    [Theory]
    [InlineData("a/*.txt", "a/b.txt", true)]
    [InlineData("a/*.txt", "a/b.json", false)]
    [InlineData("a/*.txt", "a/c/b.txt", false)]
    [InlineData("*/c?.txt", "a/c1.txt", true)]
    [InlineData("*/c?.txt", "a/c12.txt", false)]
    [InlineData("*/c?.txt", "a/C1.txt", false)]
    [InlineData("*/x", "../x", false)]
    [InlineData("??/x", "../x", false)]
    [InlineData("a/*", "a/", false)]
    public void A_wildcard_stands_for_a_part_of_one_name(string pattern, string path, bool expected) =>
        FilePattern.Matches(pattern, path).ShouldBe(expected);

    [Fact]
    public async Task Files_come_in_the_order_of_their_names()
    {
        foreach (var name in (string[])["b/2.txt", "a/9.txt", "a/10.txt", "a/9.json", "c.txt"]) Write(name, name);

        var found = await DataSource.Parse($"{_folder}/*/*.txt").ResolveAllAsync(new FetchOptions(), cancellation: TestContext.Current.CancellationToken);

        found.Select(path => Path.GetRelativePath(_folder, path)).ShouldBe(["a/10.txt", "a/9.txt", "b/2.txt"]);
    }

    [Fact]
    public async Task A_pattern_of_no_file_is_refused_and_so_is_one_of_several_where_one_is_meant()
    {
        Write("a.txt", "");
        Write("b.txt", "");

        var none = await Should.ThrowAsync<UserErrorException>(() => DataSource.Parse($"{_folder}/*.csv").ResolveAllAsync(new FetchOptions()));
        none.Message.ShouldBe($"data.source {_folder}/*.csv stands for no file at all, expected at least one (relative to {Directory.GetCurrentDirectory()})");
        var several = await Should.ThrowAsync<UserErrorException>(() => DataSource.Parse($"{_folder}/*.txt").ResolveAsync(new FetchOptions()));
        several.Message.ShouldBe($"data.source {_folder}/*.txt stands for 2 files, expected one");
    }

    [Fact]
    public async Task The_files_of_a_package_that_a_pattern_stands_for_are_kept_together()
    {
        using var npm = new FakeNpm();
        var source = DataSource.Parse("npm:@a/x@1.0.0#data/b?.txt");

        var files = await source.ResolveAllAsync(npm.Options, cancellation: TestContext.Current.CancellationToken);
        npm.GoOffline();
        var again = await source.ResolveAllAsync(npm.Options, cancellation: TestContext.Current.CancellationToken);

        again.ShouldBe(files);
        files.Select(Path.GetFileName).ShouldBe(["b1.txt", "b2.txt"]);
        files.Select(File.ReadAllText).ShouldBe(["one", "two"]);
    }

    [Fact]
    public async Task A_file_of_a_pattern_that_was_changed_in_the_cache_is_fetched_again()
    {
        using var npm = new FakeNpm();
        var source = DataSource.Parse("npm:@a/x@1.0.0#*/b*.txt");
        var files = await source.ResolveAllAsync(npm.Options, cancellation: TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(files[0], "changed", TestContext.Current.CancellationToken);

        var again = await source.ResolveAllAsync(npm.Options, cancellation: TestContext.Current.CancellationToken);

        again.ShouldBe(files);
        (await File.ReadAllTextAsync(again[0], TestContext.Current.CancellationToken)).ShouldBe("one");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    void Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
