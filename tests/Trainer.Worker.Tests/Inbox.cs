using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace Trainer.Worker.Tests;

/// <summary>Keeps what it is sent, with its references, and answers what a test wants answered.</summary>
sealed class Inbox : IActor, IDisposable
{
    public List<Message> Messages { get; } = [];

    /// <summary>True to welcome workers that join.</summary>
    public bool Welcomes { get; set; }

    /// <summary>Answers; null for nothing.</summary>
    public Action<Message, IActorContext>? Answer { get; set; }

    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        Messages.Add(message);
        if (Welcomes && message is WorkerJoined joined) context.Send(joined.Worker, new Welcome(joined.Worker, joined.Life) { Term = joined.Term });
        Answer?.Invoke(message, context);
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        foreach (var message in Messages) message.Release();
        Messages.Clear();
    }
}
