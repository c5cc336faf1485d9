using System.Net.Security;
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
    internal SslServerAuthenticationOptions Server() => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(Certificate, [Authority], offline: true),
        ClientCertificateRequired = true,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => Trusts(certificate),
    };

    internal SslClientAuthenticationOptions Client() => new()
    {
        TargetHost = "node",
        ClientCertificateContext = SslStreamCertificateContext.Create(Certificate, [Authority], offline: true),
        RemoteCertificateValidationCallback = (_, certificate, _, _) => Trusts(certificate),
    };

    bool Trusts(X509Certificate? certificate)
    {
        if (certificate is null) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        using var presented = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return chain.Build(presented);
    }
}
