using System.Net;
using System.Net.Sockets;

namespace Cluster.Tests;

/// <summary>Stands between a process that dials and one that listens, and keeps what each says.</summary>
sealed class RecordingProxy : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly IPEndPoint _target;
    readonly CancellationTokenSource _closing = new();
    readonly Lock _gate = new();
    readonly List<Conversation> _conversations = [];
    readonly Task _accepting;

    /// <summary>Listens.</summary>
    /// <param name="target">Where it passes everything on to.</param>
    public RecordingProxy(IPEndPoint target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where to dial.</summary>
    public string Address => $"{_listener.LocalEndpoint}";

    /// <summary>One for each connection, in the order in which they were made.</summary>
    public IReadOnlyList<Conversation> Conversations
    {
        get
        {
            lock (_gate) return [.. _conversations];
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        await _accepting;
        _closing.Dispose();
    }

    async Task AcceptAsync()
    {
        var pumps = new List<Task>();
        try
        {
            while (true)
            {
                var dialler = await _listener.AcceptTcpClientAsync(_closing.Token);
                var listener = new TcpClient { NoDelay = true };
                dialler.NoDelay = true;
                await listener.ConnectAsync(_target, _closing.Token);
                var conversation = new Conversation();
                lock (_gate) _conversations.Add(conversation);
                pumps.Add(PumpAsync(dialler, listener, conversation.Dialler));
                pumps.Add(PumpAsync(listener, dialler, conversation.Listener));
            }
        }
        catch (Exception closed) when (closed is OperationCanceledException or SocketException && _closing.IsCancellationRequested)
        {
            await Task.WhenAll(pumps);
        }
    }

    /// <summary>Passes on what one side says; the end of either side is the end of both.</summary>
    async Task PumpAsync(TcpClient from, TcpClient to, Recording recording)
    {
        using (from)
        {
            var buffer = new byte[1 << 16];
            try
            {
                while (await from.GetStream().ReadAsync(buffer, _closing.Token) is var count and > 0)
                {
                    recording.Add(buffer.AsSpan(0, count));
                    await to.GetStream().WriteAsync(buffer.AsMemory(0, count), _closing.Token);
                }
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                // Whoever hung up, both are to notice.
            }

            to.Close();
        }
    }
}

/// <summary>What was said over a connection.</summary>
sealed class Conversation
{
    /// <summary>Said by whoever dialled.</summary>
    public Recording Dialler { get; } = new();

    /// <summary>Said by whoever listened.</summary>
    public Recording Listener { get; } = new();
}

/// <summary>The first bytes that one side said.</summary>
sealed class Recording
{
    const int MostBytes = 4 << 20;

    readonly Lock _gate = new();
    readonly List<byte> _bytes = [];

    /// <summary>The bytes so far.</summary>
    public byte[] Bytes
    {
        get
        {
            lock (_gate) return [.. _bytes];
        }
    }

    /// <summary>Keeps some more.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_bytes.Count < MostBytes) _bytes.AddRange(bytes);
        }
    }
}
