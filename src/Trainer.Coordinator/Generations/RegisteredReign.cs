using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Gives the terms of a process that was elected, and tells when it is deposed.</summary>
/// <remarks>It waits for the registry on its own turns, which holds up nobody else; so it is not for the simulator.</remarks>
/// <param name="leadership">What was won.</param>
/// <param name="terms">The terms of the run, raised to those of the registry.</param>
/// <param name="keeper">Who asks, and is told.</param>
public sealed class RegisteredReign(ILeadership leadership, RunTerms terms, ActorRef keeper) : IActor, IDisposable
{
    CancellationTokenRegistration _lost;

    /// <inheritdoc/>
    public ValueTask StartedAsync(IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _lost = leadership.Lost.Register(() => context.Send(keeper, new Deposed(Reason(leadership) ?? "the leadership has ended")));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (message is BeginTerm) context.Send(keeper, await NextAsync(leadership, terms).ConfigureAwait(false));
        else await context.Unhandled(message).ConfigureAwait(false);
    }

    /// <summary>Hears of the leadership no more.</summary>
    public void Dispose() => _lost.Dispose();

    /// <summary>Why a leadership may have ended; null while it has not.</summary>
    public static string? Reason(ILeadership leadership)
    {
        ArgumentNullException.ThrowIfNull(leadership);
        return leadership.IsValid ? null : leadership.LossReason ?? "the lease has run out";
    }

    /// <summary>Begins the next term.</summary>
    /// <param name="leadership">Where.</param>
    /// <param name="terms">The terms of the run, raised to it.</param>
    /// <returns>The answer to <see cref="BeginTerm"/>.</returns>
    public static async Task<Message> NextAsync(ILeadership leadership, RunTerms terms)
    {
        ArgumentNullException.ThrowIfNull(leadership);
        ArgumentNullException.ThrowIfNull(terms);
        try
        {
            var term = await leadership.NextTermAsync().ConfigureAwait(false);
            terms.Raise(term);
            return new TermBegun(term);
        }
        catch (LeadershipLostException lost)
        {
            return new Deposed(lost.Message);
        }
        catch (Exception error) when (error is RegistryException or IOException or UnauthorizedAccessException)
        {
            return new TermNotBegun(error.Message);
        }
    }
}
