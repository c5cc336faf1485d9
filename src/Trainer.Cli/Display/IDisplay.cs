using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Display;

/// <summary>Where a person or a program watches a run. Disposing it shows what is still to be shown.</summary>
interface IDisplay : ITrainingObserver, IAsyncDisposable
{
    /// <summary>Puts the terminal in order, for a process that ends at once.</summary>
    void Abandon();
}

/// <summary>Chooses how a run is shown.</summary>
static class Displays
{
    /// <summary>JSON when asked for, a live display on a terminal, else plain lines.</summary>
    public static IDisplay For(Job job, bool json)
    {
        var wording = new Wording(job);
        return new QueuedDisplay(
            json ? new JsonDisplay(Console.Out)
            : Terminal.IsLive ? new LiveDisplay(Terminal.Console(), wording)
            : new PlainDisplay(Console.Out, wording, TimeProvider.System));
    }
}
