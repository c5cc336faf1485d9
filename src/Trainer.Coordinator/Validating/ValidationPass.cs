using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>One evaluation of the held-out part: chunk after chunk, with state carried by shard from zero.</summary>
/// <param name="plan">The job's plan.</param>
/// <param name="step">The last step applied.</param>
/// <param name="chunks">Chunks of the pass.</param>
/// <param name="started">When it began, on the runtime's clock.</param>
public sealed class ValidationPass(TrainingPlan plan, Step step, int chunks, TimeSpan started) : IDisposable
{
    readonly TaskScore? _score = plan.Scoring?.Begin();
    double _loss;
    int _chunk;

    /// <summary>State of each shard.</summary>
    public CarriedStates States { get; } = new(plan.Shards);

    /// <summary>The chunk in work.</summary>
    public Round Round => new(WorkKind.Evaluate, step, _chunk, plan.Averaged);

    /// <summary>True when every chunk is in.</summary>
    public bool IsComplete => _chunk == chunks;

    /// <summary>Target tokens evaluated.</summary>
    public long Tokens { get; private set; }

    /// <summary>Mean loss of a target.</summary>
    public double Loss => _loss / Tokens;

    /// <summary>True when results tell what the task is judged by.</summary>
    public bool Fits(IReadOnlyList<ShardResult> results) => results.All(result => _score?.Fits(result.Sums) ?? result.Sums.Count == 0);

    /// <summary>Takes in a finished chunk.</summary>
    public void Take(RoundProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        _loss += progress.Loss;
        Tokens += progress.Tokens;
        foreach (var result in progress.Results) _score?.Add(result.Sums);
        States.Take(progress.Results);
        _chunk++;
    }

    /// <summary>The result.</summary>
    /// <param name="now">The runtime's clock.</param>
    public ValidationCompleted Complete(TimeSpan now)
    {
        var (bits, perplexity) = plan.HasClasses ? (Likelihood.Bits(Loss), Likelihood.Perplexity(Loss)) : ((double?)null, (double?)null);
        var completed = new ValidationCompleted(step.Value, Loss, bits, perplexity, Tokens, (now - started).TotalSeconds);
        return plan.Scoring?.Complete(completed, _score) ?? completed;
    }

    /// <summary>Gives back the states.</summary>
    public void Dispose() => States.Dispose();
}
