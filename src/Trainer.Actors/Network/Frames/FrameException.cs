namespace LstmCluster.Actors;

/// <summary>Bytes that cannot be what they should be. It ends the connection that they came over.</summary>
sealed class FrameException(string reason, RefusalReason refusal = RefusalReason.Malformed) : Exception(reason)
{
    public RefusalReason Refusal => refusal;
}
