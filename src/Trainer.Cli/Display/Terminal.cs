using Spectre.Console;

namespace LstmCluster.Cli.Display;

/// <summary>What standard output can show.</summary>
static class Terminal
{
    /// <summary>True when lines that have been written can be written over.</summary>
    public static bool IsLive =>
        !System.Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not ("dumb" or "") && Console().Profile.Capabilities.Ansi;

    /// <summary>The terminal, without colour where NO_COLOR says so (https://no-color.org).</summary>
    public static IAnsiConsole Console()
    {
        var isPlain = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        return AnsiConsole.Create(new AnsiConsoleSettings
        {
            ColorSystem = isPlain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            // A continuous-integration variable in somebody's shell must not change what a terminal shows.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
    }
}
