using System.Net;

namespace LstmCluster.Actors;

/// <summary>A host's name and a port. The name is looked up whenever a connection is made, so it may move to another machine.</summary>
/// <param name="host">The name.</param>
/// <param name="port">The port.</param>
public sealed class HostEndPoint(string host, int port) : DnsEndPoint(host, port)
{
    /// <summary>As a person writes it, where the base class puts the kind of the addresses in front.</summary>
    public override string ToString() => $"{Host}:{Port}";
}
