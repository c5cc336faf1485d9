using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>What may go wrong in a simulation.</summary>
[Flags]
public enum FaultKinds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Messages are lost although the connection lives.</summary>
    Loss = 1 << 0,

    /// <summary>Messages take long, some very long.</summary>
    Delay = 1 << 1,

    /// <summary>Messages arrive twice.</summary>
    Duplicate = 1 << 2,

    /// <summary>Messages overtake each other.</summary>
    Reorder = 1 << 3,

    /// <summary>The network falls apart.</summary>
    Partition = 1 << 4,

    /// <summary>The network carries messages in one direction only.</summary>
    OneWay = 1 << 5,

    /// <summary>Processes, or their machines, die and are started again.</summary>
    Crash = 1 << 6,

    /// <summary>Processes stand still and go on.</summary>
    Pause = 1 << 7,

    /// <summary>Processes compute slowly.</summary>
    Slow = 1 << 8,

    /// <summary>Clocks are wrong, run too fast or too slowly, or jump.</summary>
    Skew = 1 << 9,

    /// <summary>The run's disk fails, is full, is slow, and loses what was not flushed when the machine dies.</summary>
    Disk = 1 << 10,

    /// <summary>Nodes of the registry stop or are cut off from each other, and coordinators from all of them.</summary>
    Registry = 1 << 11,

    /// <summary>All of them.</summary>
    All = (1 << 12) - 1,
}

/// <summary>Names of <see cref="FaultKinds"/> on a command line.</summary>
public static class FaultNames
{
    /// <summary>Each kind by its name.</summary>
    public static IReadOnlyDictionary<string, FaultKinds> ByName { get; } = new Dictionary<string, FaultKinds>(StringComparer.Ordinal)
    {
        ["loss"] = FaultKinds.Loss,
        ["delay"] = FaultKinds.Delay,
        ["duplicate"] = FaultKinds.Duplicate,
        ["reorder"] = FaultKinds.Reorder,
        ["partition"] = FaultKinds.Partition,
        ["oneway"] = FaultKinds.OneWay,
        ["crash"] = FaultKinds.Crash,
        ["pause"] = FaultKinds.Pause,
        ["slow"] = FaultKinds.Slow,
        ["skew"] = FaultKinds.Skew,
        ["disk"] = FaultKinds.Disk,
        ["registry"] = FaultKinds.Registry,
    };

    /// <summary>Reads <c>none</c>, <c>all</c> or names with commas between.</summary>
    /// <exception cref="UserErrorException">A name is unknown.</exception>
    public static FaultKinds Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == "none") return FaultKinds.None;
        if (text == "all") return FaultKinds.All;
        var kinds = FaultKinds.None;
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!ByName.TryGetValue(name, out var kind))
                throw new UserErrorException($"--faults must be none, all, or some of {string.Join(',', ByName.Keys)}, got \"{name}\"");
            kinds |= kind;
        }

        return kinds;
    }

    /// <summary>What <see cref="Parse"/> reads.</summary>
    public static string Format(FaultKinds kinds) => kinds switch
    {
        FaultKinds.None => "none",
        FaultKinds.All => "all",
        _ => string.Join(',', ByName.Where(entry => kinds.HasFlag(entry.Value)).Select(entry => entry.Key)),
    };
}
