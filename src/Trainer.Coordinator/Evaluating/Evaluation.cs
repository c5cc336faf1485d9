using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>How a model does on the held-out part of its data, by what its task is judged by.</summary>
/// <param name="Loss">Mean over the targets.</param>
/// <param name="Targets">Number of targets: classes, or values.</param>
public sealed record Evaluation(double Loss, long Targets)
{
    /// <summary>Share of classes whose score is the largest; null where the targets are values or sequences.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Characters (code points) of text that the targets are together; null where tokens are words, of which the unknown have no spelling, or no text.</summary>
    public long? Characters { get; init; }

    /// <summary>How often each class was taken for which, by classifiers and taggers; null for other tasks.</summary>
    public ConfusionMatrix? Classes { get; init; }

    /// <summary>How far the sequences that a beam of five finds are from the targets, of which all those of one input count as right; null where the targets are no sequences.</summary>
    public SequenceErrors? Sequences { get; init; }

    /// <summary>Share of inputs for which a beam search finds a target to the last token; null where the targets are no sequences.</summary>
    public double? ExactMatches => Sequences is null ? null : 1 - Sequences.SequenceError;

    /// <summary>How far the numbers are off, in the units of the data; null where the targets are classes.</summary>
    public ValueErrors? Values { get; init; }

    /// <summary>How well errors tell the rows that are labelled as out of the ordinary, by series; null where there are no labels.</summary>
    public IReadOnlyList<AnomalyRanking>? Anomalies { get; init; }

    /// <summary>Evaluates a model.</summary>
    /// <param name="trained">The model.</param>
    /// <param name="data">Its job's data, with a held-out part.</param>
    /// <param name="season">Rows after which a series repeats itself, of a task of windows: what forecasts are compared with repeats them. Null for what the job says.</param>
    /// <param name="workers">Threads of the processor that compute at once; it shows in no figure. A model on another device is run by one.</param>
    /// <exception cref="UserErrorException">The season is longer than what a window reads.</exception>
    public static Evaluation Of(TrainedModel trained, JobData data, int? season = null, int workers = 1)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(data);
        using var slots = new EvaluationSlots(trained, workers);
        var judge = Judge.Of(trained, data, season ?? (trained.Job.Task as WindowTask)?.Season ?? 1, slots);
        if (judge is WindowJudge { Scores: not null } windows) windows.Thresholds = AnomalyThresholds.Fit(trained, (SampleData)data, slots);
        var (loss, targets) = Run(trained, data, judge, slots);
        return judge.Complete(new Evaluation(loss / targets, targets));
    }

    /// <summary>Runs the held-out part through a model and has each batch judged.</summary>
    /// <returns>Sum of the losses, and number of targets.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled, between two batches.</exception>
    internal static (double Loss, long Targets) Run(TrainedModel trained, JobData data, Judge judge, EvaluationSlots slots, CancellationToken cancellation = default)
    {
        using var pool = new PayloadPool();
        var pass = new EvaluationPass(slots, judge);
        if (data is TextData { Validation: { } text }) RunText(trained, data, text.Batch, pass, slots, pool, cancellation);
        else RunRows(trained, data, pass, slots, pool, cancellation);
        return (pass.Loss, pass.Targets);
    }

    /// <summary>Chunk after chunk of a text, which carries state from each to the next, with its rows spread over the slots.</summary>
    static void RunText(TrainedModel trained, JobData data, int rows, EvaluationPass pass, EvaluationSlots slots, PayloadPool pool, CancellationToken cancellation)
    {
        var parts = Math.Min(rows, slots.Count);
        using var states = new CarriedStates(parts);
        var source = ShardSource.Of(data, parts, trained.Job.Seed, pool);
        for (var chunk = 0; chunk < source.ValidationChunks; chunk++)
        {
            cancellation.ThrowIfCancellationRequested();
            List<ShardBatch> batches = [.. Enumerable.Range(0, parts).Select(part => source.Validation(chunk, part, states.For(part)))];
            try
            {
                pass.Take(batches, states, pool);
            }
            finally
            {
                batches.ForEach(batch => batch.Release());
            }
        }
    }

    /// <summary>Chunks of rows, which have nothing to do with each other, as many at once as there are slots.</summary>
    static void RunRows(TrainedModel trained, JobData data, EvaluationPass pass, EvaluationSlots slots, PayloadPool pool, CancellationToken cancellation)
    {
        var source = ShardSource.Of(data, shards: 1, trained.Job.Seed, pool);
        foreach (var chunks in Enumerable.Range(0, source.ValidationChunks).Chunk(slots.Count))
        {
            cancellation.ThrowIfCancellationRequested();
            List<ShardBatch> batches = [.. chunks.Select(chunk => source.Validation(chunk, 0, state: null))];
            try
            {
                pass.Take(batches);
            }
            finally
            {
                batches.ForEach(batch => batch.Release());
            }
        }
    }
}
