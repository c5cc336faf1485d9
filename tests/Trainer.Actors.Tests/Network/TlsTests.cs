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

    TestNode Trusted(string name) => Node(name, new NetworkSecurity(Issue(_authority, name), _authority));

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
    public async Task A_certificate_of_another_authority_gets_nowhere()
    {
        var node = Trusted("node");
        var stranger = Node("stranger", new NetworkSecurity(Issue(_otherAuthority, "stranger"), _authority));
        stranger.Dial(node.Listen());
        (await node.Refusals.NextAsync()).Message.ShouldStartWith("CN=stranger: ");
        (await stranger.Failures.NextAsync()).Reason.ShouldBeAssignableTo<IOException>();
        (node.Came.Waiting, stranger.Came.Waiting).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_certificate_that_is_no_longer_valid_gets_nowhere()
    {
        var node = Trusted("node");
        var late = Node("late", new NetworkSecurity(Issue(_authority, "late", until: DateTimeOffset.UtcNow.AddHours(-1)), _authority));
        late.Dial(node.Listen());
        (await node.Refusals.NextAsync()).Message.ShouldStartWith("CN=late: ");
        node.Came.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task A_listener_of_another_authority_is_not_believed()
    {
        var impostor = Node("impostor", new NetworkSecurity(Issue(_otherAuthority, "impostor"), _otherAuthority));
        var node = Trusted("node");
        (await Should.ThrowAsync<HandshakeException>(() => node.Dial(impostor.Listen()).ConnectedAsync().InTime())).Reason.ShouldBe(RefusalReason.Certificate);
    }

    [Fact]
    public async Task A_client_without_a_certificate_gets_nowhere()
    {
        var node = Trusted("node");
        using var stream = new SslStream(await RawPeer.ConnectAsync(node.Listen()), false, (_, listener, _, _) => listener!.Issuer == _authority.Subject);
        try
        {
            // The client may believe that all is well until it reads.
            await stream.AuthenticateAsClientAsync("node").InTime();
            await stream.WriteAsync(RawPeer.Frame(FrameKind.Hello, 0, RawPeer.Greeting().Write)).AsTask().InTime();
            (await stream.ReadAsync(new byte[100]).AsTask().InTime()).ShouldBe(0);
        }
        catch (Exception refused) when (refused is IOException or System.Security.Authentication.AuthenticationException)
        {
            // Or it is told.
        }

        (await node.Refusals.NextAsync()).Message.ShouldBe("it has no certificate");
        node.Came.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task Plain_bytes_and_secure_ones_do_not_mix()
    {
        var (secure, plain) = (Trusted("secure"), Node("plain", null));
        plain.Dial(secure.Listen());
        await secure.Refusals.NextAsync();
        await plain.Failures.NextAsync();
        secure.Dial(plain.Listen());
        await plain.Refusals.NextAsync();
        (secure.Came.Waiting, plain.Came.Waiting).ShouldBe((0, 0));
    }

    [Fact]
    public void With_certificates_other_machines_may_be_listened_for() =>
        Trusted("node").Node.Listen(new IPEndPoint(IPAddress.Any, 0)).Port.ShouldBeGreaterThan(0);
}
