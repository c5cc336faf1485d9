using System.Net;
using System.Net.Sockets;

namespace LstmCluster.Actors.Tests;

/// <summary>Who meets over a socket within the machine, and who over TCP.</summary>
public sealed class LocalSocketTests : IAsyncLifetime
{
    readonly List<TestNode> _nodes = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
    }

    [Fact]
    public async Task A_node_dials_the_socket_beside_a_loopback_address_before_TCP()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has abstract names");
        using var tcp = new TcpListener(IPAddress.Loopback, 0);
        tcp.Start();
        var address = (IPEndPoint)tcp.LocalEndpoint;
        using var beside = LocalSocket.Listen(address, 1).ShouldNotBeNull();
        Node("here", local: true).Dial(address);
        using var accepted = await beside.AcceptAsync(TestContext.Current.CancellationToken).AsTask().InTime();
        tcp.Pending().ShouldBeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_node_listens_beside_a_loopback_address_if_it_is_told_to(bool local)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has abstract names");
        using var dialled = LocalSocket.TryConnect(Node("there", local).Listen());
        (dialled is not null).ShouldBe(local);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_node_that_does_not_know_of_it_meets_the_others_over_TCP(bool listens, bool dials)
    {
        var (here, there) = (Node("here", dials), Node("there", listens));
        await here.Join(there);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_system_measures_the_way_over_TCP_and_there_is_none_within_the_machine(bool local)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux tells");
        var (here, there) = (Node("here", local), Node("there", local));
        var remote = await here.Join(there);
        (remote.RoundTrip > TimeSpan.Zero).ShouldBe(!local);
    }

    [Fact]
    public async Task Where_somebody_else_has_the_name_there_is_TCP()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has abstract names");
        var (first, second) = (Node("first", local: true), Node("second", local: true));
        var address = first.Listen();
        await first.DisposeNodeAsync();
        using var squatter = LocalSocket.Listen(address, 1).ShouldNotBeNull();
        second.Listen(address.Port).ShouldBe(address);
        await Node("here", local: false).Dial(address).ConnectedAsync().InTime();
    }

    [Fact]
    public async Task A_name_goes_away_with_its_node()
    {
        var there = Node("there", local: true);
        var address = there.Listen();
        await there.DisposeNodeAsync();
        LocalSocket.TryConnect(address).ShouldBeNull();
    }

    [Fact]
    public async Task Whoever_takes_no_connections_is_not_waited_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has abstract names");
        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        free.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = (IPEndPoint)free.LocalEndPoint!;
        using var listener = LocalSocket.Listen(address, 1).ShouldNotBeNull();
        var waiting = new List<Socket>();
        await Task.Factory.StartNew(
            () =>
            {
                while (LocalSocket.TryConnect(address) is { } dialled) waiting.Add(dialled);
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).InTime();
        waiting.Count.ShouldBeGreaterThan(0);
        waiting.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public void Only_loopback_addresses_have_one()
    {
        LocalSocket.Beside(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1)).ShouldBeNull();
        LocalSocket.Beside(new IPEndPoint(IPAddress.Any, 1)).ShouldBeNull();
        LocalSocket.Beside(new DnsEndPoint("localhost", 1)).ShouldBeNull();
    }

    [Fact]
    public void The_system_tells_that_this_process_is_of_this_user()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has abstract names");
        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        free.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = (IPEndPoint)free.LocalEndPoint!;
        using var listener = LocalSocket.Listen(address, 1).ShouldNotBeNull();
        using var dialled = LocalSocket.TryConnect(address).ShouldNotBeNull();
        using var accepted = listener.Accept();
        LocalSocket.IsOfThisUser(accepted).ShouldBeTrue();
    }

    TestNode Node(string name, bool local)
    {
        var node = new TestNode(name, options => options with { LocalSockets = local });
        _nodes.Add(node);
        return node;
    }
}
