using System.Runtime.Versioning;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class NpmSourceTests : IDisposable
{
    const string Place = "data.source npm:@a/x@1.0.0#data/text.txt: ";
    const string Instead = "download data/text.txt of @a/x@1.0.0 yourself and give its path as data.source";

    static readonly DataSource s_source = DataSource.Parse("npm:@a/x@1.0.0#data/text.txt");

    readonly FakeNpm _npm;

    public NpmSourceTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The fake npm is a shell script.");
        _npm = new FakeNpm();
    }

    public void Dispose() => _npm?.Dispose();

    async Task<string> ErrorAsync(DataSource? source = null, FetchOptions? options = null) =>
        (await Should.ThrowAsync<UserErrorException>(() => (source ?? s_source).ResolveAsync(options ?? _npm.Options))).Message;

    [Fact]
    public async Task The_file_is_fetched_once_and_then_found_offline()
    {
        var said = new List<string>();

        var path = await s_source.ResolveAsync(_npm.Options, said.Add);
        _npm.GoOffline();
        var again = await s_source.ResolveAsync(_npm.Options, said.Add);

        (await File.ReadAllTextAsync(path)).ShouldBe("Call me Ishmael.");
        again.ShouldBe(path);
        Path.GetFileName(path).ShouldBe("text.txt");
        said.ShouldBe(["fetching @a/x@1.0.0 ..."]);
        _npm.CallLines.ShouldBe(["view @a/x@1.0.0 dist.integrity --json", "pack @a/x@1.0.0 --json --ignore-scripts --pack-destination ."]);
    }

    [Fact]
    public async Task Files_of_one_name_in_one_package_are_kept_apart()
    {
        var path = await s_source.ResolveAsync(_npm.Options);
        var other = await DataSource.Parse("npm:@a/x@1.0.0#data/deep/text.txt").ResolveAsync(_npm.Options);

        (await File.ReadAllTextAsync(other)).ShouldBe("another");
        (await File.ReadAllTextAsync(path)).ShouldBe("Call me Ishmael.");
    }

    [Fact]
    public async Task A_damaged_file_in_the_cache_is_fetched_again()
    {
        var said = new List<string>();
        var path = await s_source.ResolveAsync(_npm.Options);
        await File.WriteAllTextAsync(path, "Call me Ishmaex.");

        (await s_source.ResolveAsync(_npm.Options, said.Add)).ShouldBe(path);

        (await File.ReadAllTextAsync(path)).ShouldBe("Call me Ishmael.");
        said.ShouldBe([$"{path} in the cache is damaged, fetching it again", "fetching @a/x@1.0.0 ..."]);
        Directory.GetFileSystemEntries(Path.Combine(_npm.Options.CacheDirectory, "npm", "@a+x@1.0.0")).Length.ShouldBe(1);
    }

    [Fact]
    public async Task Two_fetches_at_once_end_with_one_whole_file()
    {
        var paths = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => s_source.ResolveAsync(_npm.Options)));

        paths.Distinct().ShouldHaveSingleItem();
        (await File.ReadAllTextAsync(paths[0])).ShouldBe("Call me Ishmael.");
        Directory.GetFileSystemEntries(Path.Combine(_npm.Options.CacheDirectory, "npm", "@a+x@1.0.0")).Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_file_that_the_package_lacks_is_named() =>
        (await ErrorAsync(DataSource.Parse("npm:@a/x@1.0.0#data/none.txt"))).ShouldBe("data.source npm:@a/x@1.0.0#data/none.txt: the package has no file data/none.txt; correct data.source");

    [Fact]
    public async Task A_link_is_not_followed() =>
        (await ErrorAsync(DataSource.Parse("npm:@a/x@1.0.0#link.txt"))).ShouldBe("data.source npm:@a/x@1.0.0#link.txt: link.txt is not a plain file in the package");

    [Fact]
    public async Task A_tarball_that_is_not_the_published_one_is_refused_and_not_kept()
    {
        foreach (var (published, packed) in new[] { ("sha512-other", _npm.Integrity), (_npm.Integrity, "sha512-other"), ("sha512-other", "sha512-other") })
        {
            _npm.Answer(published, packed);
            (await ErrorAsync()).ShouldStartWith($"{Place}the package that arrived is not the published one");
        }

        Directory.GetFileSystemEntries(Path.Combine(_npm.Options.CacheDirectory, "npm", "@a+x@1.0.0")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_missing_client_is_answered_with_what_to_do() =>
        (await ErrorAsync(options: _npm.Options with { NpmCommand = _npm.In("none") })).ShouldBe(
            $"{Place}the npm client \"{_npm.In("none")}\" cannot be started; install Node.js, which brings it, or {Instead}");

    [Fact]
    public async Task No_network_is_answered_with_what_to_do()
    {
        _npm.GoOffline();

        (await ErrorAsync()).ShouldBe($"{Place}the npm registry cannot be reached; connect to the network once, or {Instead} (request failed)");
    }

    [Theory]
    [InlineData("E404")]
    [InlineData("ETARGET")]
    public async Task A_package_that_does_not_exist_is_named(string code)
    {
        _npm.Script($$$"""printf '%s' '{"error":{"code":"{{{code}}}","summary":"Not found\nmore"}}'; exit 1""");

        (await ErrorAsync()).ShouldBe($"{Place}the registry has no such package or version; correct data.source (Not found)");
    }

    [Fact]
    public async Task Any_other_failure_gives_the_line_that_npm_wrote()
    {
        _npm.Script("echo 'npm warn x' >&2; echo 'npm error code EWEIRD' >&2; echo 'npm error something' >&2; exit 7");

        (await ErrorAsync()).ShouldBe($"{Place}npm failed with exit code 7; {Instead} (npm error code EWEIRD)");
    }

    [Fact]
    public async Task A_client_that_hangs_is_ended_when_its_time_is_over()
    {
        _npm.Script("exec sleep 600");

        (await ErrorAsync(options: _npm.Options with { TimeLimit = TimeSpan.FromMilliseconds(100) })).ShouldBe($"{Place}npm did not finish within 0.1 s; {Instead}");
    }

    [Fact]
    public async Task An_archive_that_is_cut_short_is_named()
    {
        var bytes = await File.ReadAllBytesAsync(_npm.In("package.tgz"));
        bytes = bytes[..(bytes.Length / 3)];
        await File.WriteAllBytesAsync(_npm.In("package.tgz"), bytes);
        var integrity = $"sha512-{Convert.ToBase64String(System.Security.Cryptography.SHA512.HashData(bytes))}";
        _npm.Answer(integrity, integrity);

        (await ErrorAsync()).ShouldBe($"{Place}the package is not a valid archive");
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_is_named()
    {
        await File.WriteAllTextAsync(_npm.In("cache"), "a file where the cache should be");

        (await ErrorAsync()).ShouldContain("the data cannot be kept in the cache: ");
    }
}
