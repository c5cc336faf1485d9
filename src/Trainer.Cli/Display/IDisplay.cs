using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Display;

/// <summary>Where a person or a program watches a run. Events may come from several threads. Disposing it shows what is still to be shown.</summary>
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
        if (json) return new JsonDisplay(Console.Out);
        return Terminal.IsLive ? new LiveDisplay(Terminal.Console(), new Wording(job)) : new PlainDisplay(Console.Out, new Wording(job), TimeProvider.System);
    }
}
