using System.Globalization;

namespace LstmCluster.Protocol;

/// <summary>Data that are made instead of read: <c>synthetic:NAME?key=value&amp;key=value</c>.</summary>
/// <remarks>
/// <c>adding</c>: Hochreiter and Schmidhuber 1997, experiment 4. <c>spike-delays</c>, <c>timed-spikes</c> and <c>periodic</c>: Gers, Schraudolph and Schmidhuber 2002, measuring spike
/// delays (MSD), generating timed spikes (GTS) and periodic function generation (PFG).
/// </remarks>
public sealed record SyntheticOptions
{
    /// <summary>What a source of this kind begins with.</summary>
    public const string Prefix = "synthetic:";

    /// <summary>What is made.</summary>
    public required SyntheticKind Kind { get; init; }

    /// <summary>Sequences in all, of which a part is held out.</summary>
    public int Count { get; init; } = 1_000_000;

    /// <summary><c>adding</c>: least time steps of a sequence, the most are a tenth more. <c>periodic</c>: time steps.</summary>
    public int Length { get; init; } = 100;

    /// <summary><c>spike-delays</c>, <c>timed-spikes</c>: intervals of a sequence.</summary>
    public int Spikes { get; init; } = 10;

    /// <summary><c>spike-delays</c>, <c>timed-spikes</c>: least time steps from a spike to the next, F.</summary>
    public int Interval { get; init; } = 10;

    /// <summary><c>spike-delays</c>, <c>timed-spikes</c>: how many time steps more there may be, I.</summary>
    public int Range { get; init; } = 10;

    /// <summary><c>periodic</c>: time steps of a period.</summary>
    public int Period { get; init; } = 10;

    /// <summary><c>periodic</c>: the function.</summary>
    public PeriodicShape Shape { get; init; } = PeriodicShape.Cosine;

    /// <summary>Numbers of a time step.</summary>
    public int Features => Kind == SyntheticKind.Adding ? 2 : 1;

    /// <summary>Whether each step is answered or the sequence.</summary>
    public RegressorAnswers Answers => Kind == SyntheticKind.Adding ? RegressorAnswers.Sequence : RegressorAnswers.Step;

    /// <summary>Time steps of the longest sequence that there may be.</summary>
    public int LongestSequence => Kind switch
    {
        SyntheticKind.Adding => Length + (Length / 10),
        SyntheticKind.SpikeDelays => (Spikes * (Interval + Range)) + 1,
        SyntheticKind.TimedSpikes => Spikes * (Interval + Range),
        _ => Length,
    };

    /// <summary>True for a source of this kind.</summary>
    /// <param name="source">The source as it stands in the job file.</param>
    public static bool Is(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.StartsWith(Prefix, StringComparison.Ordinal);
    }

    /// <summary>Parses a source.</summary>
    /// <param name="source">The source as it stands in the job file.</param>
    /// <exception cref="UserErrorException">It names nothing that can be made, or an option that it has not; the message begins with what follows the key's name.</exception>
    public static SyntheticOptions Parse(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var question = source.IndexOf('?', StringComparison.Ordinal);
        var name = question < 0 ? source[Prefix.Length..] : source[Prefix.Length..question];
        var options = new SyntheticOptions
        {
            Kind = name switch
            {
                "adding" => SyntheticKind.Adding,
                "spike-delays" => SyntheticKind.SpikeDelays,
                "timed-spikes" => SyntheticKind.TimedSpikes,
                "periodic" => SyntheticKind.Periodic,
                _ => throw new UserErrorException($"must be synthetic:adding, synthetic:spike-delays, synthetic:timed-spikes or synthetic:periodic, got \"{source}\""),
            },
        };
        foreach (var pair in question < 0 ? [] : source[(question + 1)..].Split('&'))
        {
            if (pair.Split('=') is not [var key, var value]) throw new UserErrorException($"has \"{pair}\", expected an option and its value, such as length=100");
            options = options.With(key, value);
        }

        return options;
    }

    const int Largest = 1 << 24;

    SyntheticOptions With(string key, string value) => (Kind, key) switch
    {
        (_, "count") => this with { Count = Whole(key, value, 1) },
        (SyntheticKind.Adding, "length") => this with { Length = Whole(key, value, 20) },
        (SyntheticKind.Periodic, "length") => this with { Length = Whole(key, value, 1) },
        (SyntheticKind.SpikeDelays or SyntheticKind.TimedSpikes, "spikes") => this with { Spikes = Whole(key, value, 1) },
        (SyntheticKind.SpikeDelays or SyntheticKind.TimedSpikes, "interval") => this with { Interval = Whole(key, value, 1) },
        (SyntheticKind.SpikeDelays or SyntheticKind.TimedSpikes, "range") => this with { Range = Whole(key, value, 1) },
        (SyntheticKind.Periodic, "period") => this with { Period = Whole(key, value, 2) },
        (SyntheticKind.Periodic, "shape") => this with
        {
            Shape = value switch
            {
                "cosine" => PeriodicShape.Cosine,
                "triangle" => PeriodicShape.Triangle,
                "rectangle" => PeriodicShape.Rectangle,
                _ => throw new UserErrorException($"has shape={value}, expected cosine, triangle or rectangle"),
            },
        },
        _ => throw new UserErrorException($"has the option \"{key}\", expected {string.Join(", ", Known)}"),
    };

    static int Whole(string key, string value, int least) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= Largest
            ? number : throw new UserErrorException($"has {key}={value}, expected a whole number from {least} to {Largest}");

    string[] Known => Kind switch
    {
        SyntheticKind.Adding => ["count", "length"],
        SyntheticKind.SpikeDelays or SyntheticKind.TimedSpikes => ["count", "spikes", "interval", "range"],
        _ => ["count", "length", "period", "shape"],
    };
}

/// <summary>What is made.</summary>
public enum SyntheticKind
{
    /// <summary>The sum of two marked numbers far apart.</summary>
    Adding,

    /// <summary>The time from each spike to the next.</summary>
    SpikeDelays,

    /// <summary>Spikes, each after the time that is read.</summary>
    TimedSpikes,

    /// <summary>A periodic function without any input.</summary>
    Periodic,
}

/// <summary>A periodic function.</summary>
public enum PeriodicShape
{
    /// <summary>A cosine.</summary>
    Cosine,

    /// <summary>Up and down in straight lines.</summary>
    Triangle,

    /// <summary>Two values, each for half a period.</summary>
    Rectangle,
}
