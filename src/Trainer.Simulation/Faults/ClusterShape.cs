using LstmCluster.Compute;

namespace LstmCluster.Simulation;

/// <summary>Which processes a simulated cluster has besides workers, and who keeps which parameters: as asked for, or drawn from the seed.</summary>
sealed record ClusterShape
{
    /// <summary>Parts of the parameters that the coordinator's process keeps.</summary>
    public required int ParameterServers { get; init; }

    /// <summary>Parts that processes of their own keep.</summary>
    public required int ParameterServerProcesses { get; init; }

    /// <summary>Such processes for which there is no part as long as the others live.</summary>
    public required int SpareParameterServers { get; init; }

    /// <summary>What each server keeps, ascending; null where the model has as many buckets as servers, and is cut as it always is.</summary>
    public required IReadOnlyList<ParameterRange>? Slices { get; init; }

    /// <summary>Coordinators that stand by and are elected through a registry; 0 where there is one, which is started again, and no registry.</summary>
    public required int Standbys { get; init; }

    /// <summary>Draws one.</summary>
    /// <param name="options">The seed, and what is asked for.</param>
    /// <param name="length">Parameters of the model.</param>
    public static ClusterShape Draw(SimulationOptions options, int length)
    {
        var dice = new Dice(options.Seed, "parameter servers");
        var (apart, processes, together) = (dice.Happens(0.4), 1 + dice.Choose(2), dice.Choose(3));
        var servers = together + 1;
        if (options is { ParameterServers: null, ParameterServerProcesses: null })
        {
            if (apart) servers = together;
            else processes = 0;
        }
        else
        {
            // As `train` takes them.
            processes = options.ParameterServerProcesses ?? 0;
            servers = options.ParameterServers ?? (processes > 0 ? 0 : 1);
        }

        return new ClusterShape
        {
            ParameterServers = servers,
            ParameterServerProcesses = processes,
            SpareParameterServers = dice.Happens(0.3) && processes > 0 ? 1 : 0,
            Standbys = options.Standbys ?? Standing(options.Seed),
            Slices = Cut(length, servers + processes),
        };
    }

    static int Standing(ulong seed)
    {
        var dice = new Dice(seed, "standbys");
        return dice.Happens(0.35) ? 1 + dice.Choose(2) : 0;
    }

    /// <summary>Cuts a model that is smaller than a bucket for each server along its blocks, which are the smallest parts that can be kept apart.</summary>
    static IReadOnlyList<ParameterRange>? Cut(int length, int servers)
    {
        if (ParameterBuckets.Of(length).Count >= servers) return null;
        var blocks = GradientNorm.BlocksIn(length);
        var count = Math.Min(servers, blocks);
        int Border(int index) => Math.Min(length, (int)((long)blocks * index / count) * GradientNorm.BlockLength);
        return [.. Enumerable.Range(0, count).Select(index => new ParameterRange(Border(index), Border(index + 1) - Border(index)))];
    }
}
