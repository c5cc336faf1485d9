using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using LstmCluster.Actors;

namespace LstmCluster.Protocol;

/// <summary>Endpoints as processes tell them to each other: <c>10.0.0.1:4242</c>, <c>[::1]:4242</c>, <c>trainer.example.org:4242</c>.</summary>
public static class EndPointText
{
    /// <summary>Reads an endpoint that another process has told; a name is looked up whenever a connection is made.</summary>
    /// <param name="text">The endpoint.</param>
    /// <param name="endpoint">What it says.</param>
    /// <returns>False when it is none that can be connected to.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out EndPoint? endpoint)
    {
        ArgumentNullException.ThrowIfNull(text);
        endpoint = null;
        var colon = text.LastIndexOf(':');
        if (colon <= 0) return false;
        if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > IPEndPoint.MaxPort) return false;
        var host = text[..colon];
        if (host is ['[', .. var inner, ']']) endpoint = IPAddress.TryParse(inner, out var v6) ? new IPEndPoint(v6, port) : null;
        else if (IPAddress.TryParse(host, out var v4)) endpoint = host.Contains(':', StringComparison.Ordinal) ? null : new IPEndPoint(v4, port);
        else endpoint = Uri.CheckHostName(host) == UriHostNameType.Dns ? new HostEndPoint(host, port) : null;
        return endpoint is not null;
    }

    /// <summary>True where it is certain that nobody else's machine is reached.</summary>
    /// <param name="endpoint">The endpoint.</param>
    public static bool IsThisMachine(EndPoint endpoint) => endpoint is IPEndPoint { Address: var address } && IPAddress.IsLoopback(address);
}
