using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The sums over held-out targets that the figures of a task are made of.</summary>
/// <remarks>
/// A worker makes those of a shard, and the coordinator adds them up in the order of chunks and shards, so that a figure has the same bits whoever computed what.
/// </remarks>
public abstract class TaskScore
{
    /// <summary>Makes the sums of a task, with nothing in them yet.</summary>
    /// <param name="job">The job.</param>
    /// <param name="outputs">Outputs of its model at a position.</param>
    /// <returns>Null where all that is to be told follows from the loss.</returns>
    public static TaskScore? Of(Job job, int outputs)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job.Task switch
        {
            ClassifierTask or TaggerTask => new ClassScore(outputs),
            SequenceToSequenceTask => new TokenScore(outputs),
            RegressorTask or WindowTask => new ValueScore(outputs, job.Model.Loss is BinaryCrossEntropyOptions, (job.Task as RegressorTask)?.Tolerance ?? 0),
            _ => null,
        };
    }

    /// <summary>Takes in what the model says of some rows of a batch.</summary>
    /// <param name="outputs">[steps,N,outputs] of the model, at the loss positions of all rows.</param>
    /// <param name="batch">The batch, with its targets.</param>
    /// <param name="batchRows">N.</param>
    /// <param name="rows">The rows that count.</param>
    public abstract void Take(ReadOnlySpan<float> outputs, in Batch batch, int batchRows, RowRange rows);

    /// <summary>The sums as numbers, which <see cref="Add"/> takes.</summary>
    public abstract double[] ToSums();

    /// <summary>How many numbers <see cref="ToSums"/> gives at most of all shards of a batch together.</summary>
    /// <param name="shards">Shards.</param>
    /// <param name="positions">Targets of the batch, padding and all.</param>
    public abstract long MostSums(int shards, long positions);

    /// <summary>True when numbers are sums of this task.</summary>
    public abstract bool Fits(IReadOnlyList<double> sums);

    /// <summary>Adds what <see cref="ToSums"/> gave elsewhere.</summary>
    /// <param name="sums">Numbers that <see cref="Fits"/>.</param>
    public abstract void Add(IReadOnlyList<double> sums);

    /// <summary>The class with the largest score; of equal ones the first.</summary>
    private protected static int IndexOfLargest(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var index = 1; index < scores.Length; index++)
        {
            if (scores[index] > scores[best]) best = index;
        }

        return best;
    }

    /// <summary>True for a number of things, which a double holds exactly.</summary>
    private protected static bool IsCount(double number) => number >= 0 && number <= 1L << 53 && Math.Floor(number) == number;
}
