namespace LstmCluster.Protocol;

/// <summary>Tells that a registry is away, once until it is back.</summary>
sealed class Availability(Action<string> log)
{
    int _away;

    public void Away(RegistryUnavailableException reason)
    {
        if (Interlocked.Exchange(ref _away, 1) == 0) log($"waiting for the registry: {reason.Message}");
    }

    public void Answered()
    {
        if (Interlocked.Exchange(ref _away, 0) == 1) log("the registry answers again");
    }
}
