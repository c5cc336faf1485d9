using System.Runtime.ExceptionServices;

namespace LstmCluster.Training;

/// <summary>The threads of an evaluation. What is computed side by side is taken in order, so that their number shows in no figure.</summary>
sealed class EvaluationSlots : IDisposable
{
    readonly EvaluationSlot[] _slots;

    /// <param name="trained">The model; stays the caller's.</param>
    /// <param name="count">How many, at least 1. A model that is not on the processor has one, on its own device.</param>
    public EvaluationSlots(TrainedModel trained, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _slots = trained.IsShared
            ? [.. Enumerable.Range(0, count).Select(_ => new EvaluationSlot(trained, trained.OpenDevice(), isOwner: true))]
            : [new EvaluationSlot(trained, trained.Device, isOwner: false)];
    }

    /// <summary>How many there are.</summary>
    public int Count => _slots.Length;

    /// <summary>One of them.</summary>
    public EvaluationSlot this[int index] => _slots[index];

    /// <summary>Does something on the first slots at once, and returns when all are done.</summary>
    /// <param name="count">How many slots.</param>
    /// <param name="work">Given the index of the slot.</param>
    public static void Each(int count, Action<int> work)
    {
        if (count == 1)
        {
            work(0);
            return;
        }

        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = count }, work);
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        foreach (var slot in _slots) slot.Dispose();
    }
}
