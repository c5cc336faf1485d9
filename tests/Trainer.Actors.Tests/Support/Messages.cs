namespace LstmCluster.Actors.Tests;

sealed record Number(int Value) : Message;

sealed record Tagged(string Sender, int Value) : Message;

sealed record Go : Message;

sealed record Fail(string Reason) : Message;

/// <summary>Asks for an answer that proves that all earlier messages of the sender were handled.</summary>
sealed record Probe(TaskCompletionSource Reached) : Message
{
    public Probe()
        : this(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
    {
    }
}

/// <summary>Holds the payload reference that it is given.</summary>
sealed record Loaded(Payload<float> Payload) : Message
{
    public override void Release() => Payload.Release();
}
