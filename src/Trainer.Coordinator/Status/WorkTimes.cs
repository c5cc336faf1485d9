using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The coordinator's part that notes when each worker answered, and so who waited for whom.</summary>
/// <remarks>
/// A worker that has answered waits for the last one of the step, and from then on all wait for the parameter servers. What lies between the assignment and
/// the answer and was not spent computing is the way there and back, and waiting for weights: it counts as a wait for the parameter servers too.
/// </remarks>
/// <param name="recorder">Who is told of each step; null when nobody asks, and then nothing is noted.</param>
sealed class WorkTimes(ActorRef? recorder)
{
    readonly Dictionary<ActorRef, Answers> _answers = [];
    ActorRef? _last;
    TimeSpan _lastAt;

    /// <summary>A worker has answered for shards of the training step in work.</summary>
    public void Answered(ShardsDone done, TimeSpan now)
    {
        if (recorder is null) return;
        _answers.TryGetValue(done.Worker, out var before);
        _answers[done.Worker] = new Answers(before.Shards + done.Results.Count, before.Compute + done.ComputeTime, now);
        (_last, _lastAt) = (done.Worker, now);
    }

    /// <summary>The step's weights are made: tells how its time was spent, and begins anew.</summary>
    /// <param name="step">The step.</param>
    /// <param name="started">When its shards were assigned.</param>
    /// <param name="workers">The workers that are ready.</param>
    /// <param name="context">The coordinator's.</param>
    public void Complete(Step step, TimeSpan started, IEnumerable<ActorRef> workers, IActorContext context)
    {
        if (recorder is null) return;
        var now = context.Elapsed;
        var spent = workers.Select(worker => Of(worker, started, now)).ToList();
        _answers.Clear();
        _last = null;
        context.Send(recorder, new RecordWork(new StepWork(step.Value, (now - started).TotalSeconds, spent)));
    }

    WorkerWork Of(ActorRef worker, TimeSpan started, TimeSpan now)
    {
        if (!_answers.TryGetValue(worker, out var answers) || _last is null)
            return new WorkerWork(worker.Name, 0, 0, [new WorkerWait(WorkerWait.NoShards, (now - started).TotalSeconds)]);
        var before = Math.Max(0, (answers.At - started - answers.Compute).TotalSeconds);
        var update = before + (now - _lastAt).TotalSeconds;
        var others = (_lastAt - answers.At).TotalSeconds;
        var waits = new List<WorkerWait>(2);
        if (others > 0) waits.Add(new WorkerWait(_last.Name, others));
        if (update > 0) waits.Add(new WorkerWait(WorkerWait.ParameterServer, update));
        return new WorkerWork(worker.Name, answers.Shards, answers.Compute.TotalSeconds, waits);
    }

    /// <summary>What a worker has answered in the step so far, and when last.</summary>
    readonly record struct Answers(int Shards, TimeSpan Compute, TimeSpan At);
}
