using System.Net;
using System.Net.Sockets;

namespace LstmCluster.Actors.Tests;

public sealed class SocketStreamTests : IDisposable
{
    readonly SocketStream _here, _there;

    public SocketStreamTests()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var dialled = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        dialled.Connect(listener.LocalEndpoint);
        (_here, _there) = (new SocketStream(dialled), new SocketStream(listener.AcceptSocket()));
    }

    public void Dispose()
    {
        _here.Dispose();
        _there.Dispose();
    }

    static Task<T> OnThread<T>(Func<T> run) => Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Far_more_than_the_system_holds_crosses_unchanged(bool awaited)
    {
        var content = new byte[20 << 20];
        new Random(1).NextBytes(content);
        var received = new byte[content.Length];
        var reading = OnThread(() =>
        {
            for (var count = 0; count < received.Length;)
            {
                _there.Expect(received.Length - count);
                var some = _there.Read(received.AsSpan(count));
                some.ShouldBeGreaterThan(0);
                count += some;
            }

            return true;
        });
        if (awaited) await _here.WriteAsync(content, TestContext.Current.CancellationToken).AsTask().InTime();
        else await OnThread(() => { _here.Write(content); return true; }).InTime();
        await reading.InTime();
        received.SequenceEqual(content).ShouldBeTrue();
    }

    [Fact]
    public async Task Less_than_was_expected_is_read_once_the_other_side_ends()
    {
        _there.Expect(100_000);
        _here.Write([1, 2, 3]);
        _here.Dispose();
        var bytes = new byte[10];
        (await OnThread(() => _there.Read(bytes)).InTime()).ShouldBe(3);
        (await OnThread(() => _there.Read(bytes)).InTime()).ShouldBe(0);
    }

    [Fact]
    public async Task Closing_wakes_the_thread_that_reads()
    {
        var started = new TaskCompletionSource();
        var reading = OnThread(() =>
        {
            started.SetResult();
            try
            {
                return _there.Read(new byte[1]);
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                return 0;
            }
        });
        await started.Task.InTime();
        _there.Dispose();
        (await reading.InTime()).ShouldBe(0);
    }

    [Fact]
    public async Task Cancelling_wakes_the_thread_that_reads()
    {
        using var source = new CancellationTokenSource();
        var reading = OnThread(() => _there.ReadAsync(new byte[1], source.Token).AsTask()).Unwrap();
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => reading.InTime());
    }
}
