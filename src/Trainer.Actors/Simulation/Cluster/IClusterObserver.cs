namespace LstmCluster.Actors;

/// <summary>Hears what happens to the processes of a <see cref="SimulatedCluster"/> and to their connections.</summary>
/// <remarks>Calls come in the order of virtual time. An exception reaches whoever runs the simulation.</remarks>
public interface IClusterObserver
{
    /// <summary>A process was started.</summary>
    void Started(SimulatedProcess process)
    {
    }

    /// <summary>A process is gone.</summary>
    void Ended(ProcessEnd end)
    {
    }

    /// <summary>A process has got a connection; the other one says so as well.</summary>
    void Connected(SimulatedProcess process, NodeId peer)
    {
    }

    /// <summary>A process has noticed that a connection is gone; its watchers were told.</summary>
    void Lost(SimulatedProcess process, NodeId peer, NodeLostException reason)
    {
    }
}

/// <summary>Stands in where a program gave no observer.</summary>
sealed class SilentClusterObserver : IClusterObserver;
