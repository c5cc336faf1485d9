using System.Net.Security;

namespace LstmCluster.Protocol;

/// <summary>How a process takes part in a registry. All candidates of a run should have the same <see cref="LeaseTime"/>.</summary>
public sealed record RegistryOptions
{
    /// <summary>
    /// How long a coordinator that is gone stays coordinator, in whole seconds from 2: etcd's own elections take up to 2 s, and what is shorter would be lost by each
    /// of them. Requests, renewals and safety margin are fractions of it.
    /// </summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Between two looks at who is coordinator.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Gives the highest term that is known from elsewhere (the run directory's file), asked at each election: terms go on from there in a registry that is
    /// new, or has lost its data. What the embedded registry's terms follow alone.
    /// </summary>
    public Func<Term> HighestTermKnown { get; init; } = () => new Term(0);

    /// <summary>Hears, in one line each, that the registry is away, and that it is back.</summary>
    public Action<string> Log { get; init; } = _ => { };

    /// <summary>Where time comes from.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Certificates for <c>etcds://</c>; null for those of the system.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>Where jitter comes from: numbers from 0 up to 1.</summary>
    public Func<double> Draw { get; init; } = DrawFromSystem;

    /// <summary>What carries requests; null for the network.</summary>
    internal HttpMessageHandler? Handler { get; init; }

    /// <summary>Between two renewals: so often that an election within etcd, 1 to 2 s by its defaults, fits between the last renewal and the end of the lease.</summary>
    internal TimeSpan RenewalInterval => LeaseTime / 6;

    /// <summary>For one endpoint's answer to a look or a renewal: what a dead endpoint costs, once.</summary>
    internal TimeSpan ReadLimit => LeaseTime / 6;

    /// <summary>For one endpoint's answer to a change, which goes to the disks of most of etcd's nodes.</summary>
    internal TimeSpan WriteLimit => LeaseTime / 2;

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    internal RegistryOptions Validated()
    {
        if (LeaseTime < TimeSpan.FromSeconds(2) || LeaseTime > TimeSpan.FromHours(1) || LeaseTime.Ticks % TimeSpan.TicksPerSecond != 0)
            throw new ArgumentOutOfRangeException(nameof(LeaseTime), LeaseTime, "must be whole seconds from 2 to 3,600");
        if (PollInterval <= TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(PollInterval), PollInterval, "must be positive");
        return this;
    }

#pragma warning disable CA5394 // Jitter only keeps processes apart; nobody gains by guessing it.
    static double DrawFromSystem() => Random.Shared.NextDouble();
#pragma warning restore CA5394
}
