namespace LstmCluster.Actors.Tests;

/// <summary>An actor made of lambdas. It fails on <see cref="Fail"/> and answers <see cref="Probe"/> by itself.</summary>
sealed class TestActor : IActor, IDisposable
{
    public Action<IActorContext>? OnStarted { get; init; }

    public Action<Message, IActorContext>? OnMessage { get; init; }

    public Action? OnDisposed { get; init; }

    public ValueTask StartedAsync(IActorContext context)
    {
        OnStarted?.Invoke(context);
        return ValueTask.CompletedTask;
    }

    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        switch (message)
        {
            case Fail fail:
                throw new InvalidOperationException(fail.Reason);
            case Probe probe:
                probe.Reached.SetResult();
                break;
            default:
                OnMessage?.Invoke(message, context);
                break;
        }

        return ValueTask.CompletedTask;
    }

    public void Dispose() => OnDisposed?.Invoke();
}
