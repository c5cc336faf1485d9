using System.Security.Cryptography.X509Certificates;
using System.Text;
using LstmCluster.Actors;

namespace LstmCluster.Protocol;

/// <summary>What a process needs to be a node of a cluster beyond one machine: mutual TLS and the join token.</summary>
/// <param name="Network">Certificate, key and authorities.</param>
/// <param name="Token">What every node of the cluster knows.</param>
public sealed record ClusterSecurity(NetworkSecurity Network, string Token)
{
    // As a greeting takes it.
    const int MaxTokenBytes = 1024;

    /// <summary>Reads a node's files (<see cref="SecurityFiles"/>), and checks that they belong together and are valid now.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="time">Where time comes from; the machine's clock when null.</param>
    /// <exception cref="UserErrorException">A file is missing, unreadable, damaged, expired, or belongs to another cluster.</exception>
    public static ClusterSecurity Load(string directory, TimeProvider? time = null)
    {
        if (!Directory.Exists(directory)) throw UserErrorException.At(directory, "no such folder, expected one that \"lstm-cluster security init\" made");
        var authorities = PemFiles.Certificates(
            directory, SecurityFiles.Authority, SecurityFiles.Read(directory, SecurityFiles.Authority, "the authority's certificate"));
        var certificate = PemFiles.WithKey(
            directory, SecurityFiles.Certificate, SecurityFiles.Read(directory, SecurityFiles.Certificate, "the node's certificate"),
            SecurityFiles.Key, SecurityFiles.ReadSecret(directory, SecurityFiles.Key, "the node's private key"));
        var network = new NetworkSecurity(certificate, authorities);
        RequireValid(Path.Combine(directory, SecurityFiles.Certificate), certificate, network, (time ?? TimeProvider.System).GetUtcNow());
        return new ClusterSecurity(network, ReadToken(directory));
    }

    /// <summary>Options of a node with this security in them.</summary>
    /// <param name="options">The others.</param>
    /// <param name="security">Null on loopback, where none is needed.</param>
    public static NetworkOptions Secure(NetworkOptions options, ClusterSecurity? security) =>
        security is null ? options : options with { Security = security.Network, Token = security.Token };

    static void RequireValid(string path, X509Certificate2 certificate, NetworkSecurity network, DateTimeOffset now)
    {
        if (certificate.NotAfter <= now.LocalDateTime)
            throw UserErrorException.At(path, $"has expired on {PemFiles.Day(certificate.NotAfter)}; \"lstm-cluster security add-node\" makes another certificate");
        if (certificate.NotBefore > now.LocalDateTime)
            throw UserErrorException.At(path, $"is not valid before {PemFiles.Day(certificate.NotBefore)}; is the clock of this machine right?");
        if (network.Objection(certificate) is { } objection)
            throw UserErrorException.At(path, $"was not issued by the authority in {SecurityFiles.Authority} beside it: {objection}");
    }

    static string ReadToken(string directory)
    {
        var token = SecurityFiles.ReadSecret(directory, SecurityFiles.Token, "the join token").Trim();
        return token.Length > 0 && Encoding.UTF8.GetByteCount(token) <= MaxTokenBytes && !token.Any(char.IsControl)
            ? token
            : throw UserErrorException.At(Path.Combine(directory, SecurityFiles.Token), $"must hold the join token, one line of 1 to {MaxTokenBytes} bytes");
    }
}
