namespace LstmCluster.Cli;

/// <summary>What the process tells its caller (DESIGN section 8).</summary>
static class ExitCode
{
    /// <summary>What was asked for is done.</summary>
    public const int Done = 0;

    /// <summary>The run failed.</summary>
    public const int Failed = 1;

    /// <summary>Bad input from the person.</summary>
    public const int BadInput = 2;

    /// <summary>Ctrl-C: 128 + SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>Nobody reads the output any more: 128 + SIGPIPE, as the shell tells of programs that such a signal ends.</summary>
    public const int OutputClosed = 141;

    /// <summary>SIGTERM: 128 + 15.</summary>
    public const int Terminated = 143;
}
