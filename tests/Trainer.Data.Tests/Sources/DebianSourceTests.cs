using System.Formats.Tar;
using System.Runtime.Versioning;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>Files of Debian packages, with scripts in the place of apt and dpkg.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DebianSourceTests : IDisposable
{
    static readonly DataSource s_source = DataSource.Parse("deb:some-data#usr/share/a.txt");

    readonly string _folder = Directory.CreateTempSubdirectory("debian-").FullName;

    public DebianSourceTests()
    {
        using (var tar = new TarWriter(File.Create(In("content.tar"))))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "./usr/share/a.txt") { DataStream = new MemoryStream("Call me Ishmael."u8.ToArray()) });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "./usr/share/b.txt") { DataStream = new MemoryStream("another"u8.ToArray()) });
        }

        Script("apt", "touch some-data_1_all.deb");
        Script("dpkg", $"cat '{In("content.tar")}'");
        Directory.CreateDirectory(In("root"));
    }

    FetchOptions Options => new() { AptCommand = In("apt"), DpkgCommand = In("dpkg"), SystemRoot = In("root"), CacheDirectory = In("cache") };

    [Fact]
    public async Task The_file_of_a_package_is_fetched_once_and_then_found_offline()
    {
        var path = await s_source.ResolveAsync(Options, cancellation: TestContext.Current.CancellationToken);
        Script("apt", "exit 1");

        (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).ShouldBe("Call me Ishmael.");
        (await s_source.ResolveAsync(Options, cancellation: TestContext.Current.CancellationToken)).ShouldBe(path);
    }

    [Fact]
    public async Task Several_files_come_in_the_order_of_their_names() =>
        (await DataSource.Parse("deb:some-data#usr/share/*.txt").ResolveAllAsync(Options, cancellation: TestContext.Current.CancellationToken)).Select(Path.GetFileName).ShouldBe(["a.txt", "b.txt"]);

    [Fact]
    public async Task An_installed_package_is_not_fetched()
    {
        Script("apt", "exit 1");
        Directory.CreateDirectory(In("root/usr/share"));
        await File.WriteAllTextAsync(In("root/usr/share/a.txt"), "installed", TestContext.Current.CancellationToken);

        (await s_source.ResolveAsync(Options, cancellation: TestContext.Current.CancellationToken)).ShouldBe(In("root/usr/share/a.txt"));
    }

    [Fact]
    public async Task What_goes_wrong_is_told_with_what_to_do_instead()
    {
        const string instead = "; install it (apt-get install some-data), or download usr/share/a.txt of it yourself and give its path as data.source";

        Script("apt", "echo 'E: no such package' >&2; exit 100");
        (await ErrorAsync(Options)).ShouldBe($"data.source deb:some-data#usr/share/a.txt: {In("apt")} failed with exit code 100 (E: no such package){instead}");
        Script("apt", "exit 0");
        (await ErrorAsync(Options)).ShouldBe($"data.source deb:some-data#usr/share/a.txt: {In("apt")} download left no package{instead}");
        (await ErrorAsync(Options with { AptCommand = In("none") })).ShouldBe($"data.source deb:some-data#usr/share/a.txt: {In("none")} cannot be started, which Debian and its relatives have{instead}");
        Script("apt", "touch some-data_1_all.deb");
        Script("dpkg", "echo nonsense");
        (await ErrorAsync(Options)).ShouldBe("data.source deb:some-data#usr/share/a.txt: the package is not a valid archive");
        Script("dpkg", $"cat '{In("content.tar")}'");
        (await ErrorAsync(Options, DataSource.Parse("deb:some-data#usr/share/none"))).ShouldStartWith("data.source deb:some-data#usr/share/none: the package has no file usr/share/none; correct data.source");
        Directory.EnumerateFiles(_folder, "*.deb", SearchOption.AllDirectories).ShouldBeEmpty("what was downloaded is cleared away");
    }

    [Theory]
    [InlineData("deb:x")]
    [InlineData("deb:x#")]
    [InlineData("deb:#a")]
    [InlineData("deb:-o#a")]
    [InlineData("deb:some-data#/usr/a")]
    [InlineData("deb:some-data#usr/../a")]
    public void A_source_that_is_not_complete_is_refused(string text) =>
        Should.Throw<UserErrorException>(() => DataSource.Parse(text)).Message.ShouldStartWith("data.source must be deb:PACKAGE#FILE, such as deb:dataset-fashion-mnist#");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static async Task<string> ErrorAsync(FetchOptions options, DataSource? source = null) =>
        (await Should.ThrowAsync<UserErrorException>(() => (source ?? s_source).ResolveAsync(options))).Message;

    string In(string name) => Path.Combine(_folder, name);

    void Script(string name, string body)
    {
        File.WriteAllText(In(name), $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(In(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
