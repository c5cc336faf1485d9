using System.Globalization;
using System.Net;
using LstmCluster.Protocol;

namespace LstmCluster.Cli.Verbs;

/// <summary>Addresses as a person gives them: <c>127.0.0.1:4242</c>, <c>localhost:4242</c>, <c>[::1]:4242</c>.</summary>
static class HostAndPort
{
    /// <summary>Reads an address of this machine.</summary>
    /// <param name="option">The option, for errors.</param>
    /// <param name="text">What was given.</param>
    /// <param name="leastPort">0 where a free port can be picked, else 1.</param>
    /// <exception cref="UserErrorException">It is no address, or one of other machines.</exception>
    public static IPEndPoint Parse(string option, string text, int leastPort)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon];
        if (host.Length == 0
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port < leastPort || port > IPEndPoint.MaxPort)
            throw new UserErrorException($"{option} must be HOST:PORT with a port from {leastPort} to {IPEndPoint.MaxPort}, such as 127.0.0.1:4242, got \"{text}\"");
        var address = host == "localhost" ? IPAddress.Loopback : host.Contains(':', StringComparison.Ordinal) && host is not ['[', .., ']'] ? null : Address(host);
        if (address is null || !IPAddress.IsLoopback(address))
            throw new UserErrorException($"{option} {text}: only addresses of this machine (127.0.0.1, localhost, [::1]) can be used, since connections are not secured in this version");
        return new IPEndPoint(address, port);
    }

    static IPAddress? Address(string host) => IPAddress.TryParse(host, out var address) ? address : null;
}
