using System.Runtime.InteropServices;

namespace LstmCluster.Cli;

/// <summary>Ctrl-C and SIGTERM: the first asks for an orderly end, the second ends the process at once.</summary>
sealed class Interruption : IDisposable
{
    readonly CancellationTokenSource _source = new();
    readonly PosixSignalRegistration _interrupt, _terminate;
    int _signals;

    /// <summary>Listens from now on.</summary>
    public Interruption()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Receive(context, Cli.ExitCode.Interrupted));
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Receive(context, Cli.ExitCode.Terminated));
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Exit code of the first signal; 0 while there was none.</summary>
    public int ExitCode { get; private set; }

    /// <summary>Runs before the process ends at once: puts the terminal in order.</summary>
    public Action? BeforeExit { get; set; }

    /// <summary>Gives the signals back their usual effect.</summary>
    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }

    void Receive(PosixSignalContext context, int exitCode)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) > 1)
        {
            BeforeExit?.Invoke();
            Environment.Exit(ExitCode);
        }

        ExitCode = exitCode;
        _source.Cancel();
    }
}
