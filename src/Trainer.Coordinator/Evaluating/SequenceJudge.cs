using LstmCluster.Compute;
using LstmCluster.Data;

namespace LstmCluster.Training;

/// <summary>How far what a beam search finds is from the target sequences. Inputs that are there several times count once, and any of their targets is right.</summary>
sealed class SequenceJudge(TrainedModel trained, SampleSet pairs, EvaluationSlots slots) : Judge
{
    const int Beams = 5;

    /// <summary>The outputs here follow the right tokens; what is judged is what the model finds without them.</summary>
    public override void Take(ReadOnlySpan<float> outputs, in Batch batch, int rows)
    {
    }

    public override Evaluation Complete(Evaluation evaluation)
    {
        var options = new BeamSearchOptions { Beams = Beams, MaxSteps = trained.Job.Training.Length + 1 };
        var (errors, inputs) = (new SequenceErrors(), new InputBatch(pairs.Features));

        // The longest of a batch says how many steps all of it takes, and what is found does not depend on what stands beside it.
        var firsts = Enumerable.Range(0, pairs.Count).Where(index => pairs.AlternativesOf(index).First() == index).OrderBy(index => pairs[index].Steps);
        foreach (var batches in firsts.Chunk(trained.Job.Training.Batch).Chunk(slots.Count))
        {
            var found = new IReadOnlyList<IReadOnlyList<Hypothesis>>[batches.Length];
            Sample[][] samples = [.. batches.Select(batch => batch.Select(index => pairs[index]).ToArray())];
            EvaluationSlots.Each(batches.Length, slot => found[slot] = slots[slot].Translator.Translate(trained.Weights, inputs.Of(samples[slot]), options));
            foreach (var (slot, batch) in batches.Index())
            {
                foreach (var (row, index) in batch.Index())
                    errors.Add([.. found[slot][row][0].Tokens], pairs.AlternativesOf(index).Select(other => pairs[other].Classes));
            }
        }

        return evaluation with { Sequences = errors };
    }
}
