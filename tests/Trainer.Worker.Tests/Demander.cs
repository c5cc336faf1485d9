using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace Trainer.Worker.Tests;

/// <summary>Coordinator and parameter servers in one, as simple as they can be: demands steps of the workers that join, and repeats what is not answered.</summary>
/// <param name="training">The model, and the shards of a step.</param>
/// <param name="steps">Steps to demand; the weights of each follow from its number, not from its gradient.</param>
/// <param name="slices">What the parameter servers keep; this actor is all of them.</param>
/// <param name="job">A <see cref="JobPackage"/>.</param>
/// <param name="workers">So many join before the first step.</param>
sealed class Demander(Training training, int steps, ParameterRange[] slices, byte[] job, int workers) : IActor, IDisposable
{
    readonly List<ActorRef> _workers = [], _receivers = [];
    readonly Payload<float>[] _weights = [.. Enumerable.Range(0, steps).Select(step => training.Weights((ulong)step + 1))];
    readonly HashSet<int> _done = [];
    readonly Dictionary<ParameterRange, Computed> _pieces = [];
    ActorRef? _host;
    int _step, _attempt;

    /// <summary>The gradient of each step.</summary>
    public List<float[]> Gradients { get; } = [];

    public bool IsDone => Gradients.Count == steps;

    /// <summary>Gradients that came, whole steps together.</summary>
    public int Pushes { get; private set; }

    public ValueTask StartedAsync(IActorContext context)
    {
        context.Schedule(TimeSpan.FromMilliseconds(100), new Again());
        return ValueTask.CompletedTask;
    }

    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        switch (message)
        {
            case AskForJob asked:
                _host = asked.Host;
                context.Send(asked.Host, new JobOffered([.. slices.Select(slice => new ParameterServerAddress(context.Self, slice))], training.Pool.Copy<byte>(job)) { Term = Training.Term });
                break;
            case WorkerJoined joined:
                if (!_workers.Contains(joined.Worker)) _workers.Add(joined.Worker);
                if (!_receivers.Contains(joined.WeightsTo!)) _receivers.Add(joined.WeightsTo!);
                context.Send(joined.Worker, new Welcome(joined.Worker, joined.Life) { Term = Training.Term });
                break;
            case AskForWeights asked: Publish(asked.Receiver, context); break;
            case ShardsDone done: Take(done, context); break;
            case PushGradient push: Take(push, context); break;
            case Again: Repeat(context); break;
        }

        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
    }

    void Repeat(IActorContext context)
    {
        if (_workers.Count >= workers && !IsDone)
        {
            var all = Enumerable.Range(0, training.Shards).ToArray();
            for (var index = 0; index < _workers.Count; index++)
            {
                var shards = all[(index * all.Length / _workers.Count)..((index + 1) * all.Length / _workers.Count)];
                context.Send(_workers[index], training.Assign(shards, Training.Step(_step + 1), attempt: ++_attempt) with { HostShards = all, Term = Training.Term });
            }
        }

        if (!IsDone) context.Schedule(TimeSpan.FromMilliseconds(700), new Again());
        else if (_host is not null) context.Send(_host, new RunEnded("done") { Term = Training.Term });
    }

    void Publish(ActorRef receiver, IActorContext context)
    {
        if (IsDone) return;
        foreach (var slice in slices)
            context.Send(receiver, new WeightsPublished(new WeightVersion(_step), slice, _weights[_step].Slice(slice.Offset, slice.Length)) { Term = Training.Term });
    }

    void Take(ShardsDone done, IActorContext context)
    {
        if (done.Round == Training.Step(_step + 1))
            foreach (var result in done.Results)
                _done.Add(result.Shard);
        done.Release();
        Complete(context);
    }

    void Take(PushGradient push, IActorContext context)
    {
        Pushes++;
        if (push.Step.Value == _step + 1)
        {
            if (!_pieces.TryGetValue(push.Slice, out var piece)) _pieces.Add(push.Slice, piece = new Computed());
            var numbers = push.Gradient.Singles!.Span.ToArray();
            if (piece.Gradients.TryGetValue(push.Node, out var before)) Computed.Bits(numbers).ShouldBe(Computed.Bits(before), "what comes again has the same bits");
            piece.Gradients[push.Node] = numbers;
        }

        push.Release();
        Complete(context);
    }

    void Complete(IActorContext context)
    {
        if (_done.Count < training.Shards || _pieces.Count < slices.Length || !_pieces.Values.All(piece => Covers(piece, new ShardTree(training.Shards).Root))) return;
        Gradients.Add([.. _pieces.OrderBy(piece => piece.Key.Offset).SelectMany(piece => piece.Value.Sum(new ShardTree(training.Shards).Root))]);
        _done.Clear();
        _pieces.Clear();
        _step++;
        foreach (var receiver in _receivers) Publish(receiver, context);
    }

    static bool Covers(Computed piece, ShardRange node)
    {
        if (piece.Gradients.ContainsKey(node)) return true;
        if (node.Count == 1) return false;
        var (left, right) = ShardTree.Split(node);
        return Covers(piece, left) && Covers(piece, right);
    }

    sealed record Again : Message;
}
