using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using LstmCluster.Data;

namespace Trainer.Data.Tests;

/// <summary>A folder with a script that answers like npm, a package, and a cache of its own.</summary>
[UnsupportedOSPlatform("windows")]
sealed class FakeNpm : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("fake-npm-").FullName;

    public FakeNpm()
    {
        using (var file = new GZipStream(File.Create(In("package.tgz")), CompressionLevel.Fastest))
        using (var tar = new TarWriter(file))
        {
            Add(tar, "package/README.md", "no");
            Add(tar, "package/data/text.txt", "Call me Ishmael.");
            Add(tar, "package/data/deep/text.txt", "another");
            Add(tar, "package/data/b2.txt", "two");
            Add(tar, "package/data/b1.txt", "one");
            Add(tar, "package/data/b/../b3.txt", "elsewhere");
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "package/link.txt") { LinkName = "/etc/passwd" });
        }

        Integrity = $"sha512-{Convert.ToBase64String(SHA512.HashData(File.ReadAllBytes(In("package.tgz"))))}";
        Answer(Integrity, Integrity);
    }

    public string Integrity { get; }

    public FetchOptions Options => new() { NpmCommand = In("npm"), CacheDirectory = In("cache") };

    public int Calls => File.Exists(In("calls")) ? File.ReadAllLines(In("calls")).Length : 0;

    public IReadOnlyList<string> CallLines => File.ReadAllLines(In("calls"));

    public string In(string name) => Path.Combine(_folder, name);

    /// <summary>The script gives the package, with these hashes.</summary>
    public void Answer(string published, string packed) => Script($$"""
        case "$1" in
          view) echo '"{{published}}"' ;;
          pack) cp '{{In("package.tgz")}}' x-1.0.0.tgz; echo '[{"filename":"x-1.0.0.tgz","integrity":"{{packed}}"}]' ;;
        esac
        """);

    public void Script(string body)
    {
        File.WriteAllText(In("npm"), $"#!/bin/sh\necho \"$*\" >> '{In("calls")}'\n{body}\n");
        File.SetUnixFileMode(In("npm"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void GoOffline() => Script("""echo '{"error":{"code":"ENOTFOUND","summary":"request failed"}}'; exit 1""");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static void Add(TarWriter tar, string name, string text) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)) });
}
