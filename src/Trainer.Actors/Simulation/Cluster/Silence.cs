namespace LstmCluster.Actors;

/// <summary>Notices at one end of a connection that nothing has come from the other for too long.</summary>
/// <remarks>
/// Signs of life are not sent one by one. While nothing is wrong they would arrive, so only what keeps them away is counted: a cut, a paused process,
/// an end that is closed. The last one has come up to an interval before.
/// </remarks>
sealed class Silence(SessionEnd end)
{
    int _causes;
    ActionEvent? _due;

    /// <summary>From now on nothing comes, for one reason more.</summary>
    public void Begin()
    {
        if (_causes++ == 0) Arm();
    }

    /// <summary>One reason is gone.</summary>
    public void End()
    {
        if (--_causes > 0) return;
        Stop();
    }

    /// <summary>The end is open now and listens.</summary>
    public void Listen()
    {
        if (_causes > 0) Arm();
    }

    public void Stop()
    {
        _due?.Dispose();
        _due = null;
    }

    void Arm()
    {
        if (!end.IsOpen) return;
        var process = end.Process;
        var limit = process.Cluster.Options.PeerTimeout - process.Cluster.DrawBeat();
        var reason = $"nothing heard for {process.Cluster.Options.PeerTimeout.TotalSeconds:0.0##} s";
        _due = process.Engine.After(process.ToTrue(limit), () => end.Close(reason), process);
    }
}
