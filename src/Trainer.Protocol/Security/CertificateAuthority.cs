using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LstmCluster.Protocol;

/// <summary>A cluster's own authority: vouches for its nodes and for nothing else.</summary>
/// <remarks>Keys are ECDSA P-256. Certificates say for how long, and carry no host name: nodes move between machines, and the authority issues to one cluster only.</remarks>
/// <param name="certificate">Its certificate with its private key.</param>
public sealed class CertificateAuthority(X509Certificate2 certificate) : IDisposable
{
    /// <summary>How long an authority is valid.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);

    // Clocks of a cluster's machines differ; a certificate is for use at once on all of them.
    static readonly TimeSpan ClockDifference = TimeSpan.FromHours(1);

    const int SerialBytes = 16;

    /// <summary>Its certificate, with the private key.</summary>
    public X509Certificate2 Certificate => certificate;

    /// <summary>Makes one that is valid from now on.</summary>
    /// <param name="now">The time.</param>
    public static CertificateAuthority Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // A node whose name were the authority's would pass for a root; no name of a node has a space. The number tells two clusters' authorities apart.
        var request = new CertificateRequest($"CN=LstmCluster authority {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return new CertificateAuthority(request.CreateSelfSigned(now - ClockDifference, now + Lifetime));
    }

    /// <summary>Issues a certificate to a node.</summary>
    /// <param name="name">The node's name, as others read it in errors.</param>
    /// <param name="now">The time.</param>
    /// <param name="lifetime">How long it is valid; cut where the authority itself ends.</param>
    /// <returns>The certificate with its private key.</returns>
    public X509Certificate2 Issue(string name, DateTimeOffset now, TimeSpan lifetime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));

        // Every node dials and is dialled.
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var end = new DateTimeOffset(certificate.NotAfter);
        var begin = new DateTimeOffset(certificate.NotBefore);
        var (from, until) = (now - ClockDifference, now + lifetime);
        using var issued = request.Create(certificate, from < begin ? begin : from, until > end ? end : until, RandomNumberGenerator.GetBytes(SerialBytes));
        return issued.CopyWithPrivateKey(key);
    }

    /// <inheritdoc/>
    public void Dispose() => certificate.Dispose();
}
