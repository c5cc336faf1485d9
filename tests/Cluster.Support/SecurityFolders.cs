using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Cluster.Support;

/// <summary>Certificates made by the real command, and the addresses to use them at.</summary>
public static class SecurityFolders
{
    /// <summary>Makes an authority with a folder for each name.</summary>
    public static async Task<string> InitAsync(this Workspace workspace, string folder, params string[] names)
    {
        var result = await workspace.RunAsync(["security", "init", folder, .. names.SelectMany(name => new[] { "--name", name })]);
        result.ExitCode.ShouldBe(0, result.Errors);
        return folder;
    }

    /// <summary>An address by which other machines would reach this one; none when it has no network.</summary>
    public static IPAddress? NetworkAddress() =>
        NetworkInterface.GetAllNetworkInterfaces()
            .Where(network => network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));

    /// <summary>An address of this machine to listen on, or the test is skipped and says so.</summary>
    /// <param name="network">"loopback" or "network".</param>
    public static string AddressOf(string network)
    {
        if (network == "loopback") return "127.0.0.1";
        var address = NetworkAddress();
        Assert.SkipWhen(address is null, "THIS MACHINE HAS NO NETWORK ADDRESS BEYOND LOOPBACK: what listens for other machines was not tested");
        return address!.ToString();
    }
}
