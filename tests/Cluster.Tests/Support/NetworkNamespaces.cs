namespace Cluster.Tests;

/// <summary>
/// Machines that are network namespaces: each with an address of its own, joined by a switch in one more namespace. Processes in them reach one another by TCP only,
/// and nothing of the real machine's network is touched.
/// </summary>
sealed class NetworkNamespaces : IDisposable
{
    const string Subnet = "10.213.7.";

    readonly string _prefix = $"lc{Environment.ProcessId}-";
    readonly string[] _machines;

    NetworkNamespaces(string[] machines) => _machines = machines;

    string Switch => _prefix + "switch";

    /// <summary>Makes machines; skips the test, with the reason, where that is not allowed.</summary>
    /// <param name="machines">Their names.</param>
    public static NetworkNamespaces CreateOrSkip(params string[] machines)
    {
        foreach (var (command, package) in new[] { ("ip -V", "iproute2"), ("nft -v", "nftables") })
            Assert.SkipWhen(Shell.Run(command.Split(' ')).Exit != 0, $"NETWORK FAULTS WERE NOT TESTED: \"{command}\" fails; install {package}");
        var network = new NetworkNamespaces(machines);
        var (exit, errors) = Shell.Run("ip", "netns", "add", network.Switch);
        Assert.SkipWhen(exit != 0, $"NETWORK FAULTS WERE NOT TESTED: no network namespace can be made here (root with CAP_NET_ADMIN and CAP_SYS_ADMIN can): {errors}");
        try
        {
            network.Connect();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>A machine's address.</summary>
    public string AddressOf(string machine) => $"{Subnet}{Array.IndexOf(_machines, machine) + 1}";

    /// <summary>What a command has to begin with to run on a machine.</summary>
    public IReadOnlyList<string> On(string machine) => ["ip", "netns", "exec", _prefix + machine];

    /// <summary>Pulls a machine's cable out, or puts it back in.</summary>
    public void SetCable(string machine, bool plugged) => Shell.Require("ip", "-n", Switch, "link", "set", machine, plugged ? "up" : "down");

    /// <summary>From now on everything that a machine sends is lost, or everything that it would receive.</summary>
    public void Drop(string machine, bool sent)
    {
        Nft(machine, "add", "table", "inet", "loss");
        Nft(machine, "add", "chain", "inet", "loss", "everything", "{", "type", "filter", "hook", sent ? "output" : "input", "priority", "0", ";", "policy", "drop", ";", "}");
    }

    /// <summary>Nothing is lost any more.</summary>
    public void Heal(string machine) => Nft(machine, "delete", "table", "inet", "loss");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var machine in _machines.Append("switch")) Shell.Run("ip", "netns", "delete", _prefix + machine);
    }

    void Connect()
    {
        Shell.Require("ip", "-n", Switch, "link", "add", "bridge", "type", "bridge");
        Shell.Require("ip", "-n", Switch, "link", "set", "bridge", "up");
        foreach (var machine in _machines)
        {
            var name = _prefix + machine;
            Shell.Require("ip", "netns", "add", name);
            Shell.Require("ip", "-n", Switch, "link", "add", machine, "type", "veth", "peer", "name", "eth0", "netns", name);
            Shell.Require("ip", "-n", Switch, "link", "set", machine, "master", "bridge", "up");
            Shell.Require("ip", "-n", name, "address", "add", AddressOf(machine) + "/24", "dev", "eth0");
            Shell.Require("ip", "-n", name, "link", "set", "lo", "up");
            Shell.Require("ip", "-n", name, "link", "set", "eth0", "up");
        }
    }

    void Nft(string machine, params string[] command) => Shell.Require([.. On(machine), "nft", .. command]);
}
