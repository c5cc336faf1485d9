using System.Runtime.Versioning;
using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class ClusterSecurityTests : IDisposable
{
    readonly SecurityCase _case = new();

    public void Dispose() => _case.Dispose();

    static string Refusal(string folder) => Should.Throw<UserErrorException>(() => ClusterSecurity.Load(folder)).Message;

    [Fact]
    public void This_machines_node_and_every_other_are_one_cluster()
    {
        var own = ClusterSecurity.Load(_case.Path);
        var other = ClusterSecurity.Load(_case.Node("gpu1"));
        other.Token.ShouldBe(own.Token);
        using var certificate = SecurityCase.Certificate(_case.Path, SecurityFiles.Certificate);
        other.Network.Objection(certificate).ShouldBeNull();
    }

    [Fact]
    public void Options_of_a_node_get_certificates_and_token_or_stay_as_they_are()
    {
        var plain = new NetworkOptions { Name = "worker" };
        var security = ClusterSecurity.Load(_case.Path);
        var secured = ClusterSecurity.Secure(plain, security);
        (secured.Security, secured.Token, secured.Name).ShouldBe((security.Network, security.Token, "worker"));
        ClusterSecurity.Secure(plain, null).ShouldBeSameAs(plain);
    }

    [Theory]
    [InlineData(SecurityFiles.Authority)]
    [InlineData(SecurityFiles.Certificate)]
    [InlineData(SecurityFiles.Key)]
    [InlineData(SecurityFiles.Token)]
    public void A_file_that_is_missing_damaged_empty_or_a_folder_is_named(string name)
    {
        var path = Path.Combine(_case.Path, name);
        var text = File.ReadAllText(path);
        File.Delete(path);
        Refusal(_case.Path).ShouldStartWith($"{path}: no such file");
        Directory.CreateDirectory(path);
        Refusal(_case.Path).ShouldStartWith($"{path}: ");
        Directory.Delete(path);
        SecurityCase.Replace(_case.Path, name, "");
        Refusal(_case.Path).ShouldStartWith($"{path}: ");
        SecurityCase.Replace(_case.Path, name, name == SecurityFiles.Token ? text + "more\n" : text[..(text.Length / 2)]);
        Refusal(_case.Path).ShouldStartWith($"{path}: ");
        SecurityCase.Replace(_case.Path, name, text);
        ClusterSecurity.Load(_case.Path);
    }

    [Fact]
    public void A_certificate_whose_base64_says_nonsense_is_named()
    {
        SecurityCase.Replace(_case.Path, SecurityFiles.Authority, "-----BEGIN CERTIFICATE-----\nbm9uc2Vuc2U=\n-----END CERTIFICATE-----\n");
        Refusal(_case.Path).ShouldContain("ca.crt: holds a damaged certificate");
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named() => Refusal(_case["nowhere"]).ShouldContain("nowhere: no such folder");

    [Fact]
    public void The_key_of_another_node_is_refused()
    {
        SecurityCase.Replace(_case.Path, SecurityFiles.Key, File.ReadAllText(Path.Combine(_case.Node("gpu1"), SecurityFiles.Key)));
        Refusal(_case.Path).ShouldContain("node.key: is not the private key of node.crt");
    }

    [Fact]
    public void A_certificate_of_another_authority_is_refused()
    {
        using var other = new SecurityCase();
        SecurityCase.Replace(_case.Path, SecurityFiles.Authority, File.ReadAllText(Path.Combine(other.Path, SecurityFiles.Authority)));
        Refusal(_case.Path).ShouldContain("node.crt: was not issued by the authority");
    }

    [Fact]
    public void While_one_authority_takes_the_place_of_another_certificates_of_both_are_taken()
    {
        using var next = new SecurityCase();
        var both = File.ReadAllText(Path.Combine(next.Path, SecurityFiles.Authority)) + File.ReadAllText(Path.Combine(_case.Path, SecurityFiles.Authority));
        SecurityCase.Replace(_case.Path, SecurityFiles.Authority, both);
        SecurityCase.Replace(next.Path, SecurityFiles.Authority, both);
        using var old = SecurityCase.Certificate(_case.Path, SecurityFiles.Certificate);
        using var young = SecurityCase.Certificate(next.Node("gpu1"), SecurityFiles.Certificate);
        foreach (var security in new[] { ClusterSecurity.Load(_case.Path), ClusterSecurity.Load(next.Path) })
            (security.Network.Objection(old), security.Network.Objection(young)).ShouldBe((null, null));
    }

    [Fact]
    public void A_certificate_that_has_expired_or_is_not_valid_yet_is_refused()
    {
        _case.Reissue(DateTimeOffset.UtcNow.AddMinutes(-50), TimeSpan.FromMinutes(40));
        Refusal(_case.Path).ShouldContain("node.crt: has expired");
        _case.Reissue(DateTimeOffset.UtcNow.AddDays(2), TimeSpan.FromDays(1));
        Refusal(_case.Path).ShouldContain("node.crt: is not valid before");
    }

    [Theory]
    [InlineData(SecurityFiles.Key, UnixFileMode.OtherRead)]
    [InlineData(SecurityFiles.Token, UnixFileMode.OtherWrite)]
    public void A_secret_that_everybody_can_read_or_write_is_refused_and_one_of_a_group_is_not(string name, UnixFileMode others)
    {
        var path = Path.Combine(_case.Path, name);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        ClusterSecurity.Load(_case.Path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | others);
        Refusal(_case.Path).ShouldContain($"{name}: every user of this machine");
    }

    [Fact]
    public void Files_may_be_links_as_an_orchestrator_makes_them()
    {
        Directory.CreateDirectory(_case["mounted"]);
        foreach (var name in new[] { SecurityFiles.Authority, SecurityFiles.Certificate, SecurityFiles.Key, SecurityFiles.Token })
            File.CreateSymbolicLink(Path.Combine(_case["mounted"], name), Path.Combine(_case.Path, name));
        ClusterSecurity.Load(_case["mounted"]).Token.ShouldBe(ClusterSecurity.Load(_case.Path).Token);
    }
}
