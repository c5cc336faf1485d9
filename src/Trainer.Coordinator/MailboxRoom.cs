namespace LstmCluster.Training;

/// <summary>How many messages may wait for those that all workers write to: nobody of a large cluster is at fault when all answer at the same moment.</summary>
public static class MailboxRoom
{
    /// <summary>For the coordinator, and for whoever is told what it does: all workers of the largest cluster may come, answer or go at the same moment.</summary>
    public const int OfCoordinator = 1 << 20;

    /// <summary>What is enough for anything small; a mailbox takes memory only for what waits in it.</summary>
    const int Least = 1 << 16;

    /// <summary>For a parameter server: all pieces of all shards twice, since shards are computed again whose gradients are only late.</summary>
    /// <param name="shards">Shards of a step.</param>
    /// <param name="buckets">Pieces that each shard's gradient comes in.</param>
    public static int OfParameterServer(int shards, int buckets) => (int)Math.Clamp((2L * shards * buckets) + (4L * shards), Least, int.MaxValue);
}
