using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Runs batches through a model, several at once, adds up their losses in order and has the outputs judged in order.</summary>
sealed class EvaluationPass(EvaluationSlots slots, Judge judge)
{
    /// <summary>Sum over the targets.</summary>
    public double Loss { get; private set; }

    /// <summary>Number of targets.</summary>
    public long Targets { get; private set; }

    /// <summary>Runs batches that follow each other, at most one for each slot.</summary>
    public void Take(IReadOnlyList<ShardBatch> batches)
    {
        EvaluationSlots.Each(batches.Count, index => slots[index].Run(batches[index]));
        for (var index = 0; index < batches.Count; index++)
        {
            Judge(slots[index]);
            foreach (var loss in slots[index].Losses) Loss += loss;
        }
    }

    /// <summary>Runs the parts of one batch, cut by row, and takes over the state that their rows end with.</summary>
    public void Take(IReadOnlyList<ShardBatch> parts, CarriedStates states, PayloadPool pool)
    {
        EvaluationSlots.Each(parts.Count, index => slots[index].Run(parts[index]));
        for (var index = 0; index < parts.Count; index++)
        {
            Judge(slots[index]);
            states.Set(index, slots[index].ReadStates(pool));
        }

        // In the order of the whole batch, however it is cut.
        for (var step = 0; step < slots[0].LossShape.Steps; step++)
        {
            for (var index = 0; index < parts.Count; index++)
                foreach (var loss in slots[index].Losses.Slice(step * slots[index].Rows, slots[index].Rows))
                    Loss += loss;
        }
    }

    void Judge(EvaluationSlot slot)
    {
        Targets += slot.Targets;
        judge.Take(slot.Outputs, slot.Batch, slot.Rows);
    }
}
