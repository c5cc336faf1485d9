using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The parameter server's part that sends weights to whoever takes them.</summary>
/// <param name="slice">The part of the parameter vector.</param>
/// <param name="coordinator">Who is told when one does not keep up.</param>
/// <param name="term">The coordinator's reign.</param>
sealed class Publisher(ParameterRange slice, ActorRef coordinator, Term term) : IDisposable
{
    readonly HashSet<ActorRef> _receivers = [];
    readonly List<ActorRef> _overrun = [];

    // What those who come now must get too; null when no average of the present version is published.
    Payload<float>? _average;

    /// <summary>Sends the weights to one more, now and whenever they change. One that is there already gets them again: it may have been restarted.</summary>
    public void Add(ActorRef receiver, ParameterState state, IActorContext context)
    {
        if (_receivers.Add(receiver)) context.Watch(receiver);
        SendTo(receiver, state, context);
        RemoveOverrun();
    }

    /// <summary>One that is gone gets no more.</summary>
    public void Remove(ActorRef receiver) => _receivers.Remove(receiver);

    /// <summary>Somebody waits for weights: they, or what made them be sent, were lost, or have not been made yet.</summary>
    /// <remarks>It is sent them from now on, so that a lost <see cref="Subscribe"/> costs one wait and not one a step.</remarks>
    public void Answer(AskForWeights ask, ParameterState state, IActorContext context)
    {
        if (_receivers.Add(ask.Receiver)) context.Watch(ask.Receiver);
        if (ask.Version.Value > state.Version.Value) return;

        // Whoever waits for the average of this version does so because it is to be evaluated.
        if (ask.Version == state.Version with { Averaged = true } && state.KeepsAverage) _average ??= state.CopyAverage();
        SendTo(ask.Receiver, state, context);
        RemoveOverrun();
    }

    /// <summary>The weights have changed.</summary>
    public void Publish(ParameterState state, IActorContext context)
    {
        _average?.Release();
        _average = null;
        foreach (var receiver in _receivers) SendTo(receiver, state, context);
        RemoveOverrun();
    }

    /// <summary>The average goes out beside the weights, until they change.</summary>
    public void PublishAverage(ParameterState state, IActorContext context)
    {
        if (_average is not null) return;
        _average = state.CopyAverage();
        foreach (var receiver in _receivers) Send(receiver, state.Version with { Averaged = true }, _average, context);
        RemoveOverrun();
    }

    /// <summary>Gives back the average.</summary>
    public void Dispose() => _average?.Release();

    void SendTo(ActorRef receiver, ParameterState state, IActorContext context)
    {
        Send(receiver, state.Version, state.Weights, context);
        if (_average is not null) Send(receiver, state.Version with { Averaged = true }, _average, context);
    }

    /// <summary>A receiver that does not keep up must not hold up the others: it gets no more, and the coordinator is told.</summary>
    void Send(ActorRef receiver, WeightVersion version, Payload<float> weights, IActorContext context)
    {
        try
        {
            context.Send(receiver, new WeightsPublished(version, slice, weights.Retain()) { Term = term });
        }
        catch (MailboxFullException full)
        {
            _overrun.Add(receiver);
            context.Send(coordinator, new ReceiverOverrun(receiver, full.Message) { Term = term });
        }
    }

    void RemoveOverrun()
    {
        foreach (var receiver in _overrun) _receivers.Remove(receiver);
        _overrun.Clear();
    }
}
