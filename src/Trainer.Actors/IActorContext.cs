namespace LstmCluster.Actors;

/// <summary>All that an actor knows of the world: its own address, other actors, time and randomness.</summary>
public interface IActorContext
{
    /// <summary>The address of this actor.</summary>
    ActorRef Self { get; }

    /// <summary>The present moment on the runtime's clock.</summary>
    DateTimeOffset Now { get; }

    /// <summary>Time since the runtime started; never goes back.</summary>
    TimeSpan Elapsed { get; }

    /// <summary>Randomness seeded from the runtime's seed and the name of this actor.</summary>
    Random Random { get; }

    /// <summary>Puts a message into the mailbox of another actor and hands over the payload references it carries.</summary>
    /// <remarks>
    /// Messages of one sender to one receiver arrive in the order they were sent. A message to an actor that is gone is released and
    /// reported. The references are handed over in every case: when this throws, the message was released.
    /// </remarks>
    /// <exception cref="MailboxFullException">The mailbox of <paramref name="target"/> is full.</exception>
    void Send(ActorRef target, Message message);

    /// <summary>Sends a message to this actor after a delay. Disposing the result takes the message back if it was not delivered yet.</summary>
    /// <remarks>
    /// Timers do not outlive a restart or a stop. One that finds the mailbox full fails this actor with a <see cref="MailboxFullException"/>.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is negative.</exception>
    IDisposable Schedule(TimeSpan delay, Message message);

    /// <summary>Asks for one <see cref="Terminated"/> when the actor is gone; at once if it is gone already.</summary>
    /// <remarks>
    /// Like all of the runtime's own messages, the notice overtakes what waits in the mailbox, even what the actor sent before it was gone.
    /// A watch does not outlive a restart of the watcher.
    /// </remarks>
    void Watch(ActorRef actor);

    /// <summary>Starts a child actor that this actor supervises.</summary>
    /// <param name="name">Name of the child, unique among its living siblings.</param>
    /// <param name="create">Makes the actor, and makes it anew on each restart.</param>
    /// <param name="options">Mailbox, thread and supervision; defaults when null.</param>
    /// <exception cref="InvalidOperationException">A living sibling has this name.</exception>
    ActorRef Spawn(string name, Func<IActor> create, ActorOptions? options = null);

    /// <summary>Stops an actor after the message it is working on, its children first. What its mailbox still holds is released.</summary>
    void Stop(ActorRef actor);

    /// <summary>Reports a message that this actor has no use for, and releases it.</summary>
    ValueTask Unhandled(Message message);
}
