namespace LstmCluster.Actors.Tests;

/// <summary>Connections that break, nodes that fall silent, and how both come back.</summary>
public sealed class LossTests : IAsyncLifetime
{
    readonly TestNode _here = new("here");
    readonly TestNode _there = new("there");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
    }

    [Fact]
    public async Task A_cut_connection_is_told_to_watchers_and_addresses_work_again_after_a_reconnection()
    {
        using var proxy = new Proxy(_there.Listen());
        var connection = _here.Dial(proxy.EndPoint);
        var remote = await connection.ConnectedAsync().InTime();
        await _there.Came.NextAsync();
        var (actor, heard) = _there.Listener("actor");
        var target = (await remote.ResolveAsync("/actor").InTime()).ShouldNotBeNull();
        var watched = await _here.Watch(target);
        proxy.Cut();
        (await watched.NextAsync()).ShouldSatisfyAllConditions(
            notice => notice.Actor.ShouldBeSameAs(target),
            notice => notice.Failure.ShouldBeOfType<NodeLostException>().Node.ShouldBe(_there.Node.Id));
        (await _here.Lost.NextAsync()).Node.ShouldBeSameAs(remote);
        await _there.Lost.NextAsync();
        remote.IsConnected.ShouldBeFalse();

        // Meanwhile a message is lost, and a watch is answered at once.
        _here.Runtime.Send(target, new Number(1));
        _here.Observer.DeadLetters.ShouldHaveSingleItem().Target.ShouldBeSameAs(target);
        (await (await _here.Watch(target)).NextAsync()).Failure.ShouldBeOfType<NodeLostException>();
        await Should.ThrowAsync<NodeLostException>(() => remote.ResolveAsync("/actor"));

        await _here.Failures.NextAsync();
        _here.Time.Advance(_here.Node.Options.FirstRetryDelay);
        (await connection.ConnectedAsync().InTime()).ShouldBeSameAs(remote);
        var again = await _here.Watch(target);
        _here.Runtime.Send(target, new Number(2));
        (await heard.NextAsync()).ShouldBe(new Number(2));
        _there.Runtime.Spawn("stopper", () => new TestActor { OnStarted = context => context.Stop(actor) });
        (await again.NextAsync()).ShouldBe(new Terminated(target, null));
    }

    [Fact]
    public async Task A_process_that_is_started_again_is_another_node_and_old_addresses_lead_nowhere()
    {
        var endpoint = _there.Listen();
        var connection = _here.Dial(endpoint);
        var remote = await connection.ConnectedAsync().InTime();
        _there.Listener("actor");
        var old = (await remote.ResolveAsync("/actor").InTime()).ShouldNotBeNull();
        var watched = await _here.Watch(old);
        await _there.DisposeNodeAsync();
        (await watched.NextAsync()).Failure.ShouldBeOfType<NodeLostException>().Message.ShouldContain("shuts down");

        await using var restarted = new TestNode("there");
        var (_, heard) = restarted.Listener("actor");
        await _here.Failures.NextAsync();
        restarted.Listen(endpoint.Port);
        _here.Time.Advance(_here.Node.Options.FirstRetryDelay);
        var young = await connection.ConnectedAsync().InTime();
        young.ShouldNotBeSameAs(remote);
        young.Name.ShouldBe(remote.Name);
        var fresh = (await young.ResolveAsync("/actor").InTime()).ShouldNotBeNull();
        fresh.ShouldNotBe(old);
        _here.Runtime.Send(old, new Number(1));
        _here.Runtime.Send(fresh, new Number(2));
        (await heard.NextAsync()).ShouldBe(new Number(2));
        _here.Observer.DeadLetters.ShouldHaveSingleItem().Target.ShouldBeSameAs(old);
    }

    [Fact]
    public async Task A_node_that_falls_silent_is_lost_when_its_time_is_up_and_not_before()
    {
        var remote = await _here.Join(_there);
        var (_, _) = _there.Listener("actor");
        var target = (await remote.ResolveAsync("/actor").InTime()).ShouldNotBeNull();
        var watched = await _here.Watch(target);

        // The other clock stands still: it sends no sign of life.
        _here.Time.Advance(TimeSpan.FromSeconds(1.749));
        _here.Lost.Waiting.ShouldBe(0);
        remote.IsConnected.ShouldBeTrue();
        _here.Time.Advance(TimeSpan.FromSeconds(0.001));
        (await watched.NextAsync()).Failure.ShouldNotBeNull().Message.ShouldEndWith("nothing heard for 1.75 s");
        (await _here.Lost.NextAsync()).Node.ShouldBeSameAs(remote);
    }

    [Fact]
    public async Task Signs_of_life_keep_a_connection_on_which_nothing_is_said()
    {
        await _here.Join(_there);
        for (var beat = 1; beat <= 20; beat++)
        {
            _there.Time.Advance(_there.Node.Options.HeartbeatInterval);
            await Wait.Until(() => _here.Node.Statistics.HeartbeatsReceived >= beat);
            _here.Time.Advance(_here.Node.Options.HeartbeatInterval);
            await Wait.Until(() => _there.Node.Statistics.HeartbeatsReceived >= beat);
        }

        (_here.Lost.Waiting, _there.Lost.Waiting).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Attempts_to_connect_become_rarer_and_their_delays_differ_between_nodes()
    {
        var nowhere = new TestNode("nowhere");
        var endpoint = nowhere.Listen();
        await nowhere.DisposeAsync();
        await using var other = new TestNode("other");
        var (mine, others) = (await Delays(_here), await Delays(other));
        mine.ShouldNotBe(others);
        for (var i = 0; i < mine.Length; i++)
        {
            var whole = Math.Min(0.1 * Math.Pow(2, i), _here.Node.Options.MaxRetryDelay.TotalSeconds);
            mine[i].ShouldBeInRange(whole / 2, whole);
        }

        async Task<double[]> Delays(TestNode node)
        {
            node.Dial(endpoint);
            var delays = new double[9];
            for (var i = 0; i < delays.Length; i++)
            {
                var (_, delay) = await node.Failures.NextAsync();
                delays[i] = delay.TotalSeconds;

                // The report comes before the timer is set.
                await Wait.Until(() => node.Time.ActiveTimers > 0);
                node.Time.Advance(delay);
            }

            return delays;
        }
    }

    [Fact]
    public async Task Whoever_hangs_up_connects_no_more()
    {
        var connection = _here.Dial(_there.Listen());
        await connection.ConnectedAsync().InTime();
        await _there.Came.NextAsync();
        await connection.DisposeAsync().AsTask().InTime();
        (await _there.Lost.NextAsync()).Reason.Message.ShouldContain("hangs up");
        await Should.ThrowAsync<ObjectDisposedException>(() => connection.ConnectedAsync());
        _here.Failures.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task What_was_accepted_before_a_shutdown_still_arrives()
    {
        var remote = await _here.Join(_there);
        var (_, heard) = _there.Listener("actor");
        var target = (await remote.ResolveAsync("/actor").InTime()).ShouldNotBeNull();
        for (var i = 0; i < 20; i++) _here.Runtime.Send(target, new Loaded(_here.Pool.Rent<float>(200_000)));
        _here.Runtime.Send(target, new Number(1));
        await _here.DisposeNodeAsync();
        for (var i = 0; i < 20; i++) ((Loaded)await heard.NextAsync()).Release();
        (await heard.NextAsync()).ShouldBe(new Number(1));
        _here.Observer.DeadLetters.ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_nodes_that_dial_each_other_are_connected_once()
    {
        var (a, b) = (_here.Listen(), _there.Listen());
        var (first, second) = (_here.Dial(b), _there.Dial(a));

        // Whoever gave way tries again, and finds the connection of the other.
        await Wait.Until(() =>
        {
            if (_here.Failures.Waiting > 0) _here.Time.Advance(TimeSpan.FromMilliseconds(1));
            if (_there.Failures.Waiting > 0) _there.Time.Advance(TimeSpan.FromMilliseconds(1));
            return first.ConnectedAsync().IsCompletedSuccessfully && second.ConnectedAsync().IsCompletedSuccessfully;
        });
        var toThere = await first.ConnectedAsync().InTime();
        var toHere = await second.ConnectedAsync().InTime();
        (toThere.Id, toHere.Id).ShouldBe((_there.Node.Id, _here.Node.Id));
        _there.Listener("actor");
        (await toThere.ResolveAsync("/actor").InTime()).ShouldNotBeNull();
        _here.Node.Connected.ShouldHaveSingleItem();
        _there.Node.Connected.ShouldHaveSingleItem();
    }
}
