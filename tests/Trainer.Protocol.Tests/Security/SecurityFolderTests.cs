using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class SecurityFolderTests : IDisposable
{
    readonly SecurityCase _case = new();

    public void Dispose() => _case.Dispose();

    static string[] Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal)];

    [Fact]
    public void A_new_folder_has_an_authority_a_token_and_the_node_of_this_machine()
    {
        Files(_case.Path).ShouldBe(["ca.crt", "ca.key", "node.crt", "node.key", "token"]);
        using var node = SecurityCase.Certificate(_case.Path, SecurityFiles.Certificate);
        node.Subject.ShouldBe("CN=own");
    }

    [Fact]
    public void A_node_gets_all_that_it_needs_and_not_the_authoritys_key()
    {
        var folder = _case.Node("gpu1");
        folder.ShouldBe(Path.Combine(_case.Path, "nodes", "gpu1"));
        Files(folder).ShouldBe(["ca.crt", "node.crt", "node.key", "token"]);
        foreach (var shared in new[] { SecurityFiles.Authority, SecurityFiles.Token })
            File.ReadAllText(Path.Combine(folder, shared)).ShouldBe(File.ReadAllText(Path.Combine(_case.Path, shared)));
        File.ReadAllText(Path.Combine(folder, SecurityFiles.Key)).ShouldNotBe(File.ReadAllText(Path.Combine(_case.Path, SecurityFiles.Key)));
    }

    [Fact]
    public void What_is_secret_can_be_read_by_its_owner_alone()
    {
        var folder = _case.Node("gpu1");
        foreach (var path in new[] { SecurityFiles.AuthorityKey, SecurityFiles.Key, SecurityFiles.Token }.Select(name => Path.Combine(_case.Path, name))
            .Concat([Path.Combine(folder, SecurityFiles.Key), Path.Combine(folder, SecurityFiles.Token)]))
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, path);
        foreach (var path in new[] { _case.Path, Path.GetDirectoryName(folder)!, folder })
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, path);
    }

    [Fact]
    public void A_nodes_certificate_is_the_authoritys_and_serves_both_ends_for_the_time_that_was_asked_for()
    {
        using var authority = SecurityCase.Certificate(_case.Path, SecurityFiles.Authority);
        using var node = SecurityCase.Certificate(_case.Node("gpu1"), SecurityFiles.Certificate);
        node.Issuer.ShouldBe(authority.Subject);
        authority.Subject.ShouldContain(" ", customMessage: "no name of a node has a space, so none is the authority's");
        node.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority.ShouldBeFalse();
        authority.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority.ShouldBeTrue();
        node.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Count.ShouldBe(2);
        (node.NotAfter.ToUniversalTime() - DateTime.UtcNow).ShouldBeInRange(TimeSpan.FromDays(29.9), TimeSpan.FromDays(30));
        node.NotBefore.ToUniversalTime().ShouldBeLessThan(DateTime.UtcNow.AddMinutes(-30), "clocks of other machines may be behind");
    }

    [Fact]
    public void No_certificate_outlives_the_authority()
    {
        using var authority = SecurityCase.Certificate(_case.Path, SecurityFiles.Authority);
        var late = new ShiftedTime(CertificateAuthority.Lifetime - TimeSpan.FromDays(2));
        var folder = SecurityFolder.Open(_case.Path, late).AddNode("late", TimeSpan.FromDays(30));
        using var node = SecurityCase.Certificate(folder, SecurityFiles.Certificate);
        node.NotAfter.ShouldBe(authority.NotAfter);
    }

    [Fact]
    public void An_authority_that_has_expired_issues_nothing()
    {
        var folder = SecurityFolder.Open(_case.Path, new ShiftedTime(CertificateAuthority.Lifetime + TimeSpan.FromDays(1)));
        Should.Throw<UserErrorException>(() => folder.AddNode("late", TimeSpan.FromDays(30))).Message.ShouldContain("ca.crt: has expired");
        Directory.Exists(Path.Combine(_case.Path, "nodes")).ShouldBeFalse();
    }

    [Fact]
    public void Nothing_is_overwritten()
    {
        _case.Node("gpu1");
        var before = Files(_case.Path).ToDictionary(name => name, name => File.ReadAllText(Path.Combine(_case.Path, name)));
        Should.Throw<UserErrorException>(() => SecurityFolder.Create(_case.Path, "own", TimeSpan.FromDays(1), TimeProvider.System)).Message.ShouldContain("add-node");
        Should.Throw<UserErrorException>(() => _case.Node("gpu1")).Message.ShouldContain("exists");
        Files(_case.Path).ToDictionary(name => name, name => File.ReadAllText(Path.Combine(_case.Path, name))).ShouldBe(before);
    }

    [Fact]
    public void A_folder_with_something_else_in_it_is_left_alone()
    {
        Directory.CreateDirectory(_case["thesis"]);
        File.WriteAllText(_case["thesis/thesis.tex"], "");
        Should.Throw<UserErrorException>(() => SecurityFolder.Create(_case["thesis"], "own", TimeSpan.FromDays(1), TimeProvider.System)).Message.ShouldContain("in use");
        Files(_case["thesis"]).ShouldBe(["thesis.tex"]);
    }

    [Fact]
    public void An_empty_folder_can_be_used()
    {
        Directory.CreateDirectory(_case["empty"]);
        SecurityFolder.Create(_case["empty"], "own", TimeSpan.FromDays(1), TimeProvider.System);
        ClusterSecurity.Load(_case["empty"]).Token.Length.ShouldBeGreaterThanOrEqualTo(43, "256 bits");
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named_and_nothing_is_left_behind()
    {
        var path = _case["security/token/inner"];
        Should.Throw<UserErrorException>(() => SecurityFolder.Create(path, "own", TimeSpan.FromDays(1), TimeProvider.System)).Message.ShouldStartWith(path);
        Should.Throw<UserErrorException>(() => SecurityFolder.Open(_case["nowhere"], TimeProvider.System)).Message.ShouldContain("no such folder");
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("CN=x,O=y")]
    [InlineData("-x")]
    [InlineData("wörker")]
    public void A_name_that_is_no_name_of_a_folder_is_refused(string name) =>
        Should.Throw<UserErrorException>(() => _case.Node(name)).Message.ShouldContain($"got \"{name}\"");

    /// <summary>The machine's clock, set forward.</summary>
    sealed class ShiftedTime(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
    }
}
