using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The coordinator's part that knows where training stands, and what a step's results make of it.</summary>
/// <param name="plan">The job's plan.</param>
/// <param name="source">The data.</param>
/// <param name="exchange">Sums and applies.</param>
/// <param name="clock">Counts.</param>
/// <param name="start">The last step applied before this run; 0 at the beginning.</param>
/// <param name="position">Where the data stand after it.</param>
/// <param name="states">Carried state after it; disposed with this.</param>
sealed class TrainingSteps(
    TrainingPlan plan, IShardSource source, GradientExchange exchange, RunClock clock, Step start, DataPosition position, CarriedStates states) : IDisposable
{
    (TimeSpan Started, double Loss, double Norm, double Rate, long Tokens, int Reissued) _step;

    /// <summary>The last step applied.</summary>
    public Step Applied { get; private set; } = start;

    /// <summary>Where the data stand: after the last step applied, or after the one that is being applied.</summary>
    public DataPosition Position { get; private set; } = position;

    /// <summary>Carried state there.</summary>
    public CarriedStates States => states;

    /// <summary>True when the job's steps are done.</summary>
    public bool AreDone => Applied.Value >= plan.Steps;

    /// <summary>When the shards of the step that is being applied were assigned, on the runtime's clock.</summary>
    public TimeSpan Started => _step.Started;

    /// <summary>The round of the next step.</summary>
    public Round Begin()
    {
        if (Position.BeginsPass) states.Reset();
        exchange.Begin(Applied.Next);
        return new Round(WorkKind.Train, Applied.Next, 0);
    }

    /// <summary>The batch of a shard of the next step.</summary>
    public ShardBatch Batch(int shard) => source.Training(Position, shard, states.For(shard));

    /// <summary>Has a step applied whose shards are done and whose gradient is summed.</summary>
    /// <returns>Null, or why it must not be.</returns>
    public string? Apply(RoundProgress progress, IActorContext context)
    {
        var (step, tokens) = (Applied.Next, progress.Tokens);
        var loss = progress.Loss / tokens;
        if (!(loss <= plan.LossLimit)) return $"the loss is {Divergence.InWords(loss, plan)}";

        // Each gradient was finite; their sum can still overflow.
        var squares = exchange.SumSquares;
        if (!double.IsFinite(squares)) return "the sum of the gradients is too large for a number";
        var norm = Math.Sqrt(squares) / tokens;
        var rate = plan.Rate * plan.Schedule.FactorAt(step.Value);
        _step = (progress.Started, loss, norm, rate, tokens, progress.Reissued);
        clock.TrainLoss = loss;
        states.Take(progress.Results);
        Position = source.After(Position);

        // At once, so that a checkpoint has none whether it is asked for before the next step begins or after.
        if (Position.BeginsPass) states.Reset();
        exchange.Apply(new ApplyStep(step, Clipping.Scale(plan.Clip, norm) / tokens, Clipping.ValueLimit(plan.Clip), rate), context);
        return null;
    }

    /// <summary>The step is applied by all parameter servers.</summary>
    /// <param name="workers">Workers that are ready.</param>
    /// <param name="now">The runtime's clock.</param>
    public StepCompleted Complete(int workers, TimeSpan now)
    {
        Applied = Applied.Next;
        clock.EndTraining(_step.Started, now, _step.Tokens);
        return new StepCompleted(
            Applied.Value, source.EpochAt(Position), _step.Loss, _step.Norm, Math.Sqrt(exchange.AppliedSquares), _step.Rate, _step.Tokens,
            clock.LastTokensPerSecond, workers, clock.SecondsSinceStart(now))
        { ShardsReissued = _step.Reissued };
    }

    /// <summary>Gives back the states.</summary>
    public void Dispose() => states.Dispose();
}
