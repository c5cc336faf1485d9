namespace LstmCluster.Actors;

/// <summary>What became of a posted message.</summary>
enum PostResult
{
    Accepted,
    Full,
    Closed,
}

/// <summary>Holds what waits for one cell and has the cell run when there is work. This is where runtimes differ.</summary>
abstract class Mailbox
{
    /// <summary>Takes a message unless there is no room or the mailbox is closed.</summary>
    public abstract PostResult Post(Envelope envelope);

    /// <summary>Takes a message of the runtime, closed or not.</summary>
    public abstract void Post(SystemMessage message);

    /// <summary>Refuses further messages of actors. Called in a turn of the cell.</summary>
    public abstract void Close();

    /// <summary>Takes the next message of an actor out. Called in a turn of the cell.</summary>
    public abstract bool TryTake(out Envelope envelope);
}
