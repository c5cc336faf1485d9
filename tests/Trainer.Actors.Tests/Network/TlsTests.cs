using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LstmCluster.Actors.Tests;

public sealed class TlsTests : IAsyncLifetime
{
    readonly X509Certificate2 _authority = Authority("cluster");
    readonly X509Certificate2 _otherAuthority = Authority("cluster");
    readonly List<TestNode> _nodes = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
        _authority.Dispose();
        _otherAuthority.Dispose();
    }

    static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    static X509Certificate2 Issue(X509Certificate2 authority, string name, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var issued = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-20), until ?? DateTimeOffset.UtcNow.AddHours(20), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    TestNode Node(string name, NetworkSecurity? security)
    {
        var node = new TestNode(name, options => options with { Security = security });
        _nodes.Add(node);
        return node;
    }

    TestNode Trusted(string name) => Node(name, new NetworkSecurity(Issue(_authority, name), [_authority]));

    [Fact]
    public async Task Nodes_with_certificates_of_the_cluster_talk_and_payloads_cross()
    {
        var (here, there) = (Trusted("here"), Trusted("there"));
        var remote = await here.Join(there);
        var (actor, heard) = there.Listener("actor");
        var target = (await remote.ResolveAsync(actor.Path).InTime()).ShouldNotBeNull();
        var content = Enumerable.Range(0, 700_000).Select(i => (float)i).ToArray();
        here.Runtime.Send(target, new Loaded(here.Pool.Copy<float>(content)));
        here.Runtime.Send(target, new Number(1));
        var loaded = (Loaded)await heard.NextAsync();
        loaded.Payload.Span.SequenceEqual(content).ShouldBeTrue();
        loaded.Release();
        (await heard.NextAsync()).ShouldBe(new Number(1));
    }

    [Fact]
    public async Task A_certificate_of_another_authority_gets_nowhere_and_is_told_why()
    {
        var stranger = Node("stranger", new NetworkSecurity(Issue(_otherAuthority, "stranger"), [_authority]));
        await ShouldBeRefusedAsync(Trusted("node"), stranger, "CN=stranger: ");
    }

    [Fact]
    public async Task A_certificate_that_is_no_longer_valid_gets_nowhere_and_is_told_why()
    {
        var late = Node("late", new NetworkSecurity(Issue(_authority, "late", until: DateTimeOffset.UtcNow.AddHours(-1)), [_authority]));
        await ShouldBeRefusedAsync(Trusted("node"), late, "CN=late: ");
    }

    [Fact]
    public async Task A_certificate_of_its_own_making_gets_nowhere()
    {
        var own = Node("own", new NetworkSecurity(Authority("node"), [_authority]));
        await ShouldBeRefusedAsync(Trusted("node"), own, "CN=node: ");
    }

    [Fact]
    public async Task While_one_authority_takes_the_place_of_another_both_are_trusted()
    {
        using var successor = Authority("successor");
        var before = Node("before", new NetworkSecurity(Issue(_authority, "before"), [successor, _authority]));
        var after = Node("after", new NetworkSecurity(Issue(successor, "after"), [successor, _authority]));
        (await before.Join(after)).Id.Name.ShouldBe("after");
    }

    [Fact]
    public async Task A_listener_of_another_authority_is_not_believed()
    {
        var impostor = Node("impostor", new NetworkSecurity(Issue(_otherAuthority, "impostor"), [_otherAuthority]));
        var node = Trusted("node");
        (await Should.ThrowAsync<HandshakeException>(() => node.Dial(impostor.Listen()).ConnectedAsync().InTime())).Reason.ShouldBe(RefusalReason.Certificate);
    }

    [Fact]
    public async Task A_client_without_a_certificate_gets_nowhere_and_is_told_why()
    {
        var node = Trusted("node");
        using var stream = new SslStream(await RawPeer.ConnectAsync(node.Listen()), false, (_, listener, _, _) => listener!.Issuer == _authority.Subject);
        await stream.AuthenticateAsClientAsync("node").InTime();
        await stream.WriteAsync(RawPeer.Frame(FrameKind.Hello, 0, RawPeer.Greeting().Write)).AsTask().InTime();
        var (kind, body) = await HandshakeFrames.ReadAsync(stream, CancellationToken.None).AsTask().InTime();
        kind.ShouldBe(FrameKind.Refused);
        Greeting.ReadRefusal(body).Reason.ShouldBe(RefusalReason.Certificate);
        (await stream.ReadAsync(new byte[100]).AsTask().InTime()).ShouldBe(0);
        (await node.Refusals.NextAsync()).Message.ShouldBe("it has no certificate");
        node.Came.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task An_older_version_of_tls_gets_nowhere()
    {
        var node = Trusted("node");
        using var stream = new SslStream(await RawPeer.ConnectAsync(node.Listen()), false, (_, listener, _, _) => listener!.Issuer == _authority.Subject);
        var older = new SslClientAuthenticationOptions { TargetHost = "node", EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls12 };
        await Should.ThrowAsync<Exception>(() => stream.AuthenticateAsClientAsync(older).InTime());
        (await node.Refusals.NextAsync()).ShouldBeAssignableTo<System.Security.Authentication.AuthenticationException>();
        node.Came.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task A_node_without_certificates_is_told_that_it_needs_one()
    {
        var (secure, plain) = (Trusted("secure"), Node("plain", null));
        var refusal = await Should.ThrowAsync<HandshakeException>(() => plain.Dial(secure.Listen()).ConnectedAsync().InTime());
        refusal.Reason.ShouldBe(RefusalReason.Certificate);
        refusal.Message.ShouldContain("only nodes with a certificate");
        (secure.Came.Waiting, plain.Came.Waiting).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_node_with_certificates_does_not_talk_to_one_without()
    {
        var (secure, plain) = (Trusted("secure"), Node("plain", null));
        var refusal = await Should.ThrowAsync<HandshakeException>(() => secure.Dial(plain.Listen()).ConnectedAsync().InTime());
        refusal.Message.ShouldContain("does not answer with TLS 1.3");
        await plain.Refusals.NextAsync();
        (secure.Came.Waiting, plain.Came.Waiting).ShouldBe((0, 0));
    }

    [Fact]
    public void With_certificates_other_machines_may_be_listened_for() =>
        Trusted("node").Node.Listen(new IPEndPoint(IPAddress.Any, 0)).Port.ShouldBeGreaterThan(0);

    [Fact]
    public async Task All_addresses_of_ipv6_are_those_of_ipv4_too()
    {
        Assert.SkipUnless(System.Net.Sockets.Socket.OSSupportsIPv6, "this machine has no IPv6");
        var (here, there) = (Trusted("here"), Trusted("there"));
        var port = there.Node.Listen(new IPEndPoint(IPAddress.IPv6Any, 0)).Port;
        (await here.Dial(new IPEndPoint(IPAddress.Loopback, port)).ConnectedAsync().InTime()).Id.Name.ShouldBe("there");
    }

    /// <summary>Expects that a node is refused for good, for the same reason on both sides.</summary>
    static async Task ShouldBeRefusedAsync(TestNode node, TestNode stranger, string reason)
    {
        var refusal = await Should.ThrowAsync<HandshakeException>(() => stranger.Dial(node.Listen()).ConnectedAsync().InTime());
        refusal.Reason.ShouldBe(RefusalReason.Certificate);
        refusal.Message.ShouldStartWith(reason);
        (await node.Refusals.NextAsync()).Message.ShouldBe(refusal.Message);
        (node.Came.Waiting, stranger.Came.Waiting).ShouldBe((0, 0));
    }
}
