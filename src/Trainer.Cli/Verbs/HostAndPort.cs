using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Cli.Verbs;

/// <summary>Addresses as a person gives them: <c>127.0.0.1:4242</c>, <c>trainer.example.org:4242</c>, <c>[::1]:4242</c>.</summary>
static class HostAndPort
{
    /// <summary>Reads an address to listen on.</summary>
    /// <param name="option">The option, for errors.</param>
    /// <param name="text">What was given; port 0 picks a free one.</param>
    /// <param name="security">Needed for every address that other machines can reach.</param>
    /// <exception cref="UserErrorException">It is no address of this machine, or needs security.</exception>
    public static IPEndPoint Listening(string option, string text, ClusterSecurity? security)
    {
        var endpoint = Parse(option, text, leastPort: 0) switch
        {
            IPEndPoint address => address,
            HostEndPoint name => new IPEndPoint(Resolve(option, text, name.Host), name.Port),
            _ => throw new InvalidOperationException("an address has two forms"),
        };
        return security is not null || IPAddress.IsLoopback(endpoint.Address)
            ? endpoint
            : throw new UserErrorException(
                $"{option} {text}: other machines can reach this address, so it needs --security DIR (\"lstm-cluster security init DIR\" makes it); without, only 127.0.0.1, localhost and [::1] can be used");
    }

    /// <summary>Reads an address of another process.</summary>
    /// <param name="option">The option, for errors.</param>
    /// <param name="text">What was given. A name is looked up whenever a connection is made.</param>
    /// <param name="security">Needed for every address that is not this machine's own.</param>
    /// <exception cref="UserErrorException">It is no address, or needs security.</exception>
    public static EndPoint Dialling(string option, string text, ClusterSecurity? security)
    {
        var endpoint = Parse(option, text, leastPort: 1);
        return security is not null || endpoint is IPEndPoint { Address: var address } && IPAddress.IsLoopback(address)
            ? endpoint
            : throw new UserErrorException(
                $"{option} {text}: another machine is reached over TLS only, so this needs --security DIR, a node's folder that \"lstm-cluster security\" made; without, only 127.0.0.1, localhost and [::1] can be used");
    }

    /// <summary>Reads an address that others are told.</summary>
    /// <param name="option">The option, for errors.</param>
    /// <param name="text">What was given.</param>
    /// <exception cref="UserErrorException">It is no address, or one that nobody can connect to.</exception>
    public static EndPoint Advertised(string option, string text)
    {
        var endpoint = Parse(option, text, leastPort: 1);
        return endpoint is IPEndPoint { Address: var address } && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            ? throw new UserErrorException($"{option} {text}: expected an address at which others can connect, not that of all networks")
            : endpoint;
    }

    /// <summary>An address, or a name that is still to be looked up.</summary>
    /// <exception cref="UserErrorException">It is neither.</exception>
    static EndPoint Parse(string option, string text, int leastPort)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon];
        if (host.Length == 0
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port < leastPort || port > IPEndPoint.MaxPort
            || Read(host, port) is not { } endpoint)
            throw new UserErrorException($"{option} must be HOST:PORT with a port from {leastPort} to {IPEndPoint.MaxPort}, such as 127.0.0.1:4242 or [::1]:4242, got \"{text}\"");
        return endpoint;
    }

    static EndPoint? Read(string host, int port)
    {
        if (host == "localhost") return new IPEndPoint(IPAddress.Loopback, port);
        var isBracketed = host is ['[', .., ']'];
        if (isBracketed || host.Contains(':', StringComparison.Ordinal))
            return isBracketed && IPAddress.TryParse(host[1..^1], out var v6) && v6.AddressFamily == AddressFamily.InterNetworkV6 ? new IPEndPoint(v6, port) : null;

        // "1" and "127.1" would pass for addresses elsewhere; here four numbers are one, and nothing else made of numbers alone.
        if (IPAddress.TryParse(host, out var address)) return host.Count(c => c == '.') == 3 ? new IPEndPoint(address, port) : null;
        return Uri.CheckHostName(host) == UriHostNameType.Dns ? new HostEndPoint(host, port) : null;
    }

    static IPAddress Resolve(string option, string text, string host)
    {
        try
        {
            // IPv4 first: that is what most tools beside this one listen on.
            return Dns.GetHostAddresses(host).OrderBy(address => address.AddressFamily != AddressFamily.InterNetwork).FirstOrDefault()
                ?? throw new UserErrorException($"{option} {text}: the name has no address");
        }
        catch (SocketException unknown)
        {
            throw new UserErrorException($"{option} {text}: the name cannot be looked up: {unknown.Message}", unknown);
        }
    }
}
