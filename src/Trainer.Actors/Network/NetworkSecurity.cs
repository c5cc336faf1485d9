using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LstmCluster.Actors;

/// <summary>Mutual TLS 1.3 among the nodes of one cluster: each proves that the cluster's own authority issued its certificate.</summary>
/// <remarks>
/// Nodes are told apart by their certificate's issuer and not by host name: processes of a cluster move between hosts, and the authority issues
/// to nothing but this cluster.
/// </remarks>
/// <param name="certificate">This node's certificate with its private key.</param>
/// <param name="authorities">The only roots that are trusted: one, or two while one takes the place of the other.</param>
public sealed class NetworkSecurity(X509Certificate2 certificate, X509Certificate2Collection authorities)
{
    readonly SslStreamCertificateContext _presented = SslStreamCertificateContext.Create(certificate, authorities, offline: true);

    /// <summary>What is wrong with a certificate; null when one of this cluster's authorities vouches for it.</summary>
    /// <param name="presented">The certificate; null when there is none.</param>
    public string? Objection(X509Certificate? presented)
    {
        if (presented is null) return "it has no certificate";
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        try
        {
            using var checkedCertificate = X509CertificateLoader.LoadCertificate(presented.GetRawCertData());
            return chain.Build(checkedCertificate)
                ? null
                : $"{checkedCertificate.Subject}: {string.Join(" ", chain.ChainStatus.Select(status => status.StatusInformation.Trim()).Distinct())}";
        }
        catch (CryptographicException malformed)
        {
            // The bytes are a stranger's: whatever is wrong with them is wrong with its connection only.
            return $"{presented.Subject} cannot be checked: {malformed.Message}";
        }
    }

    /// <summary>Secures a connection that came from outside.</summary>
    /// <returns>What is wrong with the other side's certificate, which can be told to it over the secured connection; null when all is well.</returns>
    /// <exception cref="AuthenticationException">The other side does not speak TLS 1.3, or does not prove that its certificate is its own.</exception>
    internal async Task<string?> ReceiveAsync(SslStream stream, CancellationToken cancellation)
    {
        string? objection = null;
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _presented,
            ClientCertificateRequired = true,
            EnabledSslProtocols = SslProtocols.Tls13,
            // Each connection is checked anew: a certificate may have expired since the last one.
            AllowTlsResume = false,
#pragma warning disable CA5359 // The caller refuses for the objection as soon as it can say why over the secured connection; TLS itself has no words for it.
            RemoteCertificateValidationCallback = (_, other, _, _) =>
            {
                objection = Objection(other);
                return true;
            },
#pragma warning restore CA5359
        };
        await stream.AuthenticateAsServerAsync(options, cancellation).ConfigureAwait(false);
        return objection;
    }

    /// <summary>Secures a connection that was dialled.</summary>
    /// <exception cref="HandshakeException">The other side has no certificate of this cluster.</exception>
    /// <exception cref="AuthenticationException">The other side does not speak TLS 1.3.</exception>
    internal async Task DialAsync(SslStream stream, CancellationToken cancellation)
    {
        string? objection = null;
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "node",
            ClientCertificateContext = _presented,
            EnabledSslProtocols = SslProtocols.Tls13,
            AllowTlsResume = false,
            RemoteCertificateValidationCallback = (_, other, _, _) => (objection = Objection(other)) is null,
        };
        try
        {
            await stream.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
        }
        catch (AuthenticationException) when (objection is not null)
        {
            throw new HandshakeException(RefusalReason.Certificate, $"its certificate is not one of this cluster: {objection}");
        }
    }
}
