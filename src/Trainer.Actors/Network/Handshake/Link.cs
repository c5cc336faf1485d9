namespace LstmCluster.Actors;

/// <summary>The two connections of a pair of nodes after their handshake.</summary>
/// <param name="Control">Carries messages, watches and signs of life.</param>
/// <param name="Tensors">Carries the bytes of payloads.</param>
/// <param name="Peer">Who is at the other end.</param>
/// <param name="Limits">What both sides agreed on.</param>
/// <param name="Dialled">True at the side that dialled.</param>
sealed record Link(Stream Control, Stream Tensors, NodeId Peer, Limits Limits, bool Dialled) : IDisposable
{
    public void Dispose()
    {
        Control.Dispose();
        Tensors.Dispose();
    }
}
