using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>One evaluation of the held-out part: chunk after chunk, with state carried by shard from zero.</summary>
/// <param name="step">The last step applied.</param>
/// <param name="chunks">Chunks of the pass.</param>
/// <param name="shards">Number of shards.</param>
/// <param name="averaged">True to evaluate the moving average of the weights.</param>
/// <param name="hasClasses">True when targets are classes, so that a loss is in nats.</param>
/// <param name="started">When it began, on the runtime's clock.</param>
public sealed class ValidationPass(Step step, int chunks, int shards, bool averaged, bool hasClasses, TimeSpan started) : IDisposable
{
    double _loss;
    int _chunk;

    /// <summary>State of each shard.</summary>
    public CarriedStates States { get; } = new(shards);

    /// <summary>The chunk in work.</summary>
    public Round Round => new(WorkKind.Evaluate, step, _chunk, averaged);

    /// <summary>True when every chunk is in.</summary>
    public bool IsComplete => _chunk == chunks;

    /// <summary>Target tokens evaluated.</summary>
    public long Tokens { get; private set; }

    /// <summary>Mean loss of a target.</summary>
    public double Loss => _loss / Tokens;

    /// <summary>Takes in a finished chunk.</summary>
    public void Take(RoundProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        _loss += progress.Loss;
        Tokens += progress.Tokens;
        States.Take(progress.Results);
        _chunk++;
    }

    /// <summary>The result.</summary>
    /// <param name="now">The runtime's clock.</param>
    public ValidationCompleted Complete(TimeSpan now) =>
        new(step.Value, Loss, hasClasses ? Loss / Math.Log(2) : null, hasClasses ? Math.Exp(Loss) : null, Tokens, (now - started).TotalSeconds);

    /// <summary>Gives back the states.</summary>
    public void Dispose() => States.Dispose();
}
