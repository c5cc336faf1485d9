using System.Net;
using LstmCluster.Protocol;

namespace LstmCluster.Cli.Verbs;

/// <summary>Where a process listens, and what it tells others of it.</summary>
static class Addresses
{
    /// <summary>Reads <c>--listen</c> and <c>--advertise</c> of a process whose address others are told.</summary>
    /// <param name="listen">Where it listens.</param>
    /// <param name="advertise">Where others reach that; null where it is the same.</param>
    /// <param name="security">Certificates and join token; null for none.</param>
    /// <exception cref="UserErrorException">One cannot be used, or nobody could reach what others would be told.</exception>
    public static (IPEndPoint Listen, EndPoint? Advertise) Read(string listen, string? advertise, ClusterSecurity? security)
    {
        var endpoint = HostAndPort.Listening("--listen", listen, security);
        if (advertise is not null) return (endpoint, HostAndPort.Advertised("--advertise", advertise));
        return IsEverywhere(endpoint.Address)
            ? throw new UserErrorException($"--listen {listen}: others are told where this process is, and that is no address of one machine; give --advertise HOST:PORT as well")
            : (endpoint, null);
    }

    static bool IsEverywhere(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
