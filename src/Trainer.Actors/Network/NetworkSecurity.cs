using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LstmCluster.Actors;

/// <summary>Mutual TLS among the nodes of one cluster: each proves that the cluster's own authority issued its certificate.</summary>
/// <remarks>
/// Nodes are told apart by their certificate's issuer and not by host name: processes of a cluster move between hosts, and the authority issues
/// to nothing but this cluster.
/// </remarks>
/// <param name="Certificate">This node's certificate with its private key.</param>
/// <param name="Authority">The certificate of the authority; the only root that is trusted.</param>
public sealed record NetworkSecurity(X509Certificate2 Certificate, X509Certificate2 Authority)
{
    /// <summary>Secures a connection that came from outside.</summary>
    /// <exception cref="AuthenticationException">The other side has no certificate of this cluster; the message says what is wrong with it.</exception>
    internal async Task<Stream> ReceiveAsync(Stream stream, CancellationToken cancellation)
    {
        string? objection = null;
        return await SecureAsync(stream, secure => secure.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(Certificate, [Authority], offline: true),
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => (objection = Objection(certificate)) is null,
            }, cancellation), () => objection).ConfigureAwait(false);
    }

    /// <summary>Secures a connection that was dialled.</summary>
    /// <exception cref="AuthenticationException">The other side has no certificate of this cluster; the message says what is wrong with it.</exception>
    internal async Task<Stream> DialAsync(Stream stream, CancellationToken cancellation)
    {
        string? objection = null;
        return await SecureAsync(stream, secure => secure.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "node",
                ClientCertificateContext = SslStreamCertificateContext.Create(Certificate, [Authority], offline: true),
                RemoteCertificateValidationCallback = (_, certificate, _, _) => (objection = Objection(certificate)) is null,
            }, cancellation), () => objection).ConfigureAwait(false);
    }

    static async Task<Stream> SecureAsync(Stream stream, Func<SslStream, Task> authenticate, Func<string?> objection)
    {
        var secure = new SslStream(stream);
        try
        {
            await authenticate(secure).ConfigureAwait(false);
            return secure;
        }
        catch (Exception failure)
        {
            await secure.DisposeAsync().ConfigureAwait(false);
            if (failure is AuthenticationException && objection() is { } reason) throw new AuthenticationException(reason, failure);
            throw;
        }
    }

    /// <summary>What is wrong with a certificate; null when this cluster's authority vouches for it.</summary>
    string? Objection(X509Certificate? certificate)
    {
        if (certificate is null) return "it has no certificate";
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        try
        {
            using var presented = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
            return chain.Build(presented)
                ? null
                : $"{presented.Subject}: {string.Join(" ", chain.ChainStatus.Select(status => status.StatusInformation.Trim()).Distinct())}";
        }
        catch (CryptographicException malformed)
        {
            // The bytes are a stranger's: whatever is wrong with them is wrong with its connection only.
            return $"{certificate.Subject} cannot be checked: {malformed.Message}";
        }
    }
}
