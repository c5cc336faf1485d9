using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Cluster.Support;

/// <summary>A node of etcd as a process of its own. It dies with the test process, however that ends.</summary>
sealed class EtcdNode(int clientPort, IReadOnlyList<string> arguments) : IAsyncDisposable
{
    /// <summary>The shell stands between: when its input ends, because it is closed or because the test process is gone, it kills etcd.</summary>
    const string Script =
        "exec 3<&0; etcd \"$@\" 3<&- 2>&1 & pid=$!; echo \"pid $pid\"; (read -r _ <&3; kill -9 $pid) >/dev/null 2>&1 & reader=$!; wait $pid; kill $reader 2>/dev/null";

    static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);

    readonly List<string> _log = [];
    Process? _shell;
    Task _reading = Task.CompletedTask;
    int _processId;

    /// <summary>Where its clients reach it.</summary>
    public string Endpoint { get; } = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{clientPort}");

    /// <summary>Starts it, or starts it again with the data that it had; ends when it is part of a cluster that answers.</summary>
    /// <exception cref="EtcdEndedException">It has ended instead, or took too long; the message has its last words.</exception>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["-c", Script, "sh", .. arguments]) start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ETCD_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        if (RuntimeInformation.ProcessArchitecture == Architecture.Arm64) start.Environment["ETCD_UNSUPPORTED_ARCH"] = "arm64";

        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _shell = Process.Start(start)!;
        _reading = ReadAsync(_shell.StandardOutput, ready);
        try
        {
            await ready.Task.WaitAsync(s_startLimit);
        }
        catch (TimeoutException)
        {
            throw Ended("took too long to start");
        }
    }

    /// <summary><c>kill -9</c>; ends when it is dead.</summary>
    public async Task KillAsync()
    {
        if (_shell is null) return;
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        await _reading;
        _shell.Dispose();
        _shell = null;
    }

    /// <summary>Sends a signal, such as STOP and CONT.</summary>
    public void Signal(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _processId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        kill.ExitCode.ShouldBe(0);
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    async Task ReadAsync(StreamReader output, TaskCompletionSource ready)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            lock (_log) _log.Add(line);
            if (line.StartsWith("pid ", StringComparison.Ordinal)) _processId = int.Parse(line.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture);
            if (line.Contains("ready to serve client requests", StringComparison.Ordinal)) ready.TrySetResult();
        }

        ready.TrySetException(Ended("has ended"));
    }

    EtcdEndedException Ended(string how)
    {
        lock (_log) return new EtcdEndedException($"etcd at {Endpoint} {how}:\n{string.Join('\n', _log.TakeLast(20))}");
    }
}

/// <summary>A node of etcd does not run.</summary>
sealed class EtcdEndedException(string message) : Exception(message);
