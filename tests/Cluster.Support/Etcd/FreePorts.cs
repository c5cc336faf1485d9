using System.Net;
using System.Net.Sockets;

namespace Cluster.Support;

/// <summary>Ports of loopback for programs that cannot pick one themselves.</summary>
static class FreePorts
{
    /// <summary>Different ports that nobody listens on at this moment. Somebody else may be faster to take one: who uses them tries again with others.</summary>
    public static int[] Pick(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        try
        {
            foreach (var listener in listeners) listener.Start();
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners) listener.Dispose();
        }
    }
}
