namespace LstmCluster.Cli.Bench;

/// <summary>What <c>bench wire</c> sends: the same through nodes and through plain sockets.</summary>
/// <param name="PayloadBytes">Size of a tensor.</param>
/// <param name="Payloads">Tensors of a round.</param>
/// <param name="Messages">Round trips of a round.</param>
/// <param name="Rounds">Rounds that count.</param>
/// <param name="WarmUpRounds">Rounds before them that do not.</param>
sealed record WireLoad(int PayloadBytes, int Payloads, int Messages, int Rounds, int WarmUpRounds)
{
    /// <summary>Tensors that are on their way at a time, and so the buffers that either side goes through in turn.</summary>
    public const int Window = 4;

    /// <summary>Size of a small message.</summary>
    public const int MessageBytes = 64;

    /// <summary>Bytes of a round's tensors.</summary>
    public long Bytes => (long)PayloadBytes * Payloads;
}
