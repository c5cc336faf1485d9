using System.Runtime.InteropServices;
using System.Security.Cryptography;
using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;
using Worker = LstmCluster.Training.Worker;

namespace Trainer.Coordinator.Tests;

/// <summary>The production actors in the deterministic runtime, with a checkpointer that writes to memory and workers that a test can spoil.</summary>
sealed class SimulatedTraining : ITrainingObserver, IDisposable
{
    readonly PayloadPool _pool = new();
    readonly Model _model;
    readonly WeightCache _weights;
    readonly Job _job;
    readonly Dictionary<string, ActorRef> _workers = [];
    readonly Func<Message, Message?> _onWorkerSend;
    ActorRef? _parameterServer;

    /// <param name="job">The job.</param>
    /// <param name="workers">Workers that the coordinator starts.</param>
    /// <param name="seed">Seed of the order of delivery.</param>
    /// <param name="onWorkerSend">Sees what workers send; null loses it.</param>
    /// <param name="from">Where to go on from; null for the beginning.</param>
    /// <param name="failingCheckpoints">So many of the first checkpoints fail.</param>
    /// <param name="data">What to train on; null for the tiny data of the task.</param>
    /// <param name="plan">Changes what the coordinator does for the job; null for nothing.</param>
    /// <param name="network">What becomes of messages, given where payloads are rented; null for a perfect network.</param>
    public SimulatedTraining(
        Job job, int workers, ulong seed = 1, Func<Message, Message?>? onWorkerSend = null, MemoryCheckpoint? from = null,
        int failingCheckpoints = 0, JobData? data = null, Func<TrainingPlan, TrainingPlan>? plan = null,
        Func<PayloadPool, IDeliveryPolicy>? network = null)
    {
        (_job, _onWorkerSend) = (job, onWorkerSend ?? (message => message));
        if (from is not null) Checkpoints.Add(from);
        data ??= TinyJob.Data(job);
        _model = ModelMapping.Of(job, data.Encoding);
        _weights = new WeightCache(_model, CpuDevice.Create(), _pool);
        Runtime = new SimulatedRuntime(seed, network?.Invoke(_pool));
        var start = from?.Start(_pool) ?? ParameterStart.Initial(UpdateMapping.Of(job.Training, _model.Parameters), _model.Parameters, job.Seed, _pool);
        var recorder = Runtime.Spawn("recorder", () => new Recorder([this], ended => Ended = ended));
        var crew = new CoordinatorCrew(
            start,
            (part, coordinator) => new WatchedParameterServer(TinyJob.Server(part, job, _model, coordinator, default, _pool), self => _parameterServer = self),
            coordinator => new MemoryCheckpointer(Checkpoints, coordinator, failingCheckpoints),
            [.. Enumerable.Range(0, workers).Select(_ => (Func<RunContact, IActor>)Create)],
            recorder)
        {
            Job = () => _pool.Copy<byte>(new JobPackage(job, data.Encoding.ToMetadata()).ToBytes()),
        };
        Coordinator = Runtime.Spawn("coordinator", () => new LstmCluster.Training.Coordinator(
            (plan ?? (same => same))(PlanMapping.Of(job, data.Encoding, "run")), ShardSource.Of(data, job.Training.Shards, job.Seed, _pool), crew,
            new Step(from?.Step ?? 0), from?.Position ?? default, from?.States(job, _pool) ?? new CarriedStates(job.Training.Shards), from?.Validations),
            new ActorOptions { Supervision = Supervision.EscalateOnFailure });
    }

    public SimulatedRuntime Runtime { get; }

    public ActorRef Coordinator { get; }

    /// <summary>The last one that was started; null before.</summary>
    public ActorRef? ParameterServer => _parameterServer;

    public List<TrainingEvent> Events { get; } = [];

    public List<MemoryCheckpoint> Checkpoints { get; } = [];

    public TrainingEvent? Ended { get; private set; }

    public IReadOnlyDictionary<string, ActorRef> Workers => _workers;

    public long AppliedSteps => Events.OfType<StepCompleted>().LongCount();

    /// <summary>Hash of the weights of the last checkpoint.</summary>
    public string FinalWeights => Checkpoints[^1].WeightsHash;

    /// <summary>What happened, for the message of a test that fails.</summary>
    public string Story => string.Join('\n', Events.TakeLast(20).Select(happened => happened.ToJson()));

    public void On(TrainingEvent happened) => Events.Add(happened);

    public TrainingEvent RunToEnd()
    {
        Runtime.RunUntil(() => Ended is not null || Runtime.Failure.IsCompleted, TimeSpan.FromMinutes(30));
        return Ended ?? throw new InvalidOperationException("the runtime failed", Runtime.Failure.Result);
    }

    /// <summary>A worker that joins in mid-run.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="capacity">Messages that its mailbox holds.</param>
    public void Join(string name, int capacity = 1024)
    {
        // A worker is told whom to send its gradients to.
        Runtime.RunUntil(() => _parameterServer is not null, TimeSpan.FromMinutes(1));
        Runtime.Spawn(name, () => Create(new RunContact(Coordinator, [new ParameterServerAddress(_parameterServer!, new ParameterRange(0, _model.Parameters.Length))], default)), new ActorOptions { MailboxCapacity = capacity });
    }

    /// <summary>Starts what starts workers in another process.</summary>
    public ActorRef JoinAsHost(string name, int slots, Action<HostEnd> ended) => Runtime.Spawn(name, () => new WorkerHost(
        new HostStart(Coordinator, _pool, ended), new WorkerSlots(name, [.. Enumerable.Repeat<Func<IDevice>>(CpuDevice.Create, slots)]),
        package => ModelMapping.Of(package.Job, DataEncoding.Parse(package.Encoding, package.Job))));

    public void Dispose()
    {
        var stopped = Runtime.DisposeAsync();
        stopped.IsCompleted.ShouldBeTrue();
        _weights.Dispose();
        if (Ended is not null) _pool.Rented.ShouldBe(0, "a payload was not given back");
        _pool.Dispose();
    }

    SpoiledWorker Create(RunContact run)
    {
        return new SpoiledWorker(
            new Worker(new ShardComputer(_model, CpuDevice.Create(), _job.Training.Shards, _job.Seed, _pool, _job.Training.Gradients, () => TaskScore.Of(_job, _model.Outputs)), _weights, run),
            self => _workers[self.Name] = self, _onWorkerSend);
    }

    /// <summary>A real parameter server whose address becomes known.</summary>
    sealed class WatchedParameterServer(ParameterServer server, Action<ActorRef> started) : IActor, IDisposable
    {
        public ValueTask StartedAsync(IActorContext context)
        {
            started(context.Self);
            return ((IActor)server).StartedAsync(context);
        }

        public ValueTask ReceiveAsync(Message message, IActorContext context) => server.ReceiveAsync(message, context);

        public void Dispose() => server.Dispose();
    }

    /// <summary>Passes everything on to a real worker, and lets a test see or lose what it sends.</summary>
    sealed class SpoiledWorker(Worker worker, Action<ActorRef> started, Func<Message, Message?> onSend) : IActor, IDisposable
    {
        public ValueTask StartedAsync(IActorContext context)
        {
            started(context.Self);
            return worker.StartedAsync(context);
        }

        public ValueTask ReceiveAsync(Message message, IActorContext context) => worker.ReceiveAsync(message, new SpoiledContext(context, onSend));

        public void Dispose() => worker.Dispose();
    }

    sealed class SpoiledContext(IActorContext inner, Func<Message, Message?> onSend) : IActorContext
    {
        public ActorRef Self => inner.Self;

        public DateTimeOffset Now => inner.Now;

        public TimeSpan Elapsed => inner.Elapsed;

        public Random Random => inner.Random;

        public void Send(ActorRef target, Message message)
        {
            if (onSend(message) is { } sent) inner.Send(target, sent);
            else message.Release();
        }

        public IDisposable Schedule(TimeSpan delay, Message message) => inner.Schedule(delay, message);

        public void Watch(ActorRef actor) => inner.Watch(actor);

        public ActorRef Spawn(string name, Func<IActor> create, ActorOptions? options = null) => inner.Spawn(name, create, options);

        public void Stop(ActorRef actor) => inner.Stop(actor);

        public ValueTask Unhandled(Message message) => inner.Unhandled(message);
    }

    sealed class MemoryCheckpointer(List<MemoryCheckpoint> written, ActorRef coordinator, int failing) : IActor
    {
        int _failed;

        public ValueTask ReceiveAsync(Message message, IActorContext context)
        {
            switch (message)
            {
                case WriteCheckpoint write when _failed < failing:
                    _failed++;
                    write.Release();
                    context.Send(coordinator, new CheckpointFailed(write.Step, "no space left"));
                    break;
                case WriteCheckpoint write:
                    written.Add(new MemoryCheckpoint(write));
                    write.Release();
                    context.Send(coordinator, new CheckpointDone(write.Step, $"step-{write.Step.Value}", TimeSpan.Zero));
                    break;
                case WriteResult result:
                    written[^1].Step.ShouldBe(result.Step.Value);
                    context.Send(coordinator, new ResultWritten(written.Last(checkpoint => checkpoint.Step == (result.Best ?? result.Step).Value).WeightsHash, null));
                    break;
                case FindLastGood find:
                    var good = written.LastOrDefault(checkpoint => checkpoint.Step != find.DivergedFrom?.Value);
                    context.Send(coordinator, new LastGoodCheckpoint(good is null ? null : $"step-{good.Step}"));
                    break;
            }

            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>What a checkpoint holds, copied into managed memory.</summary>
sealed class MemoryCheckpoint
{
    readonly float[] _weights;
    readonly float[][] _optimizer;
    readonly float[]?[] _states;

    public MemoryCheckpoint(WriteCheckpoint write)
    {
        Step = write.Step.Value;
        (Position, Validations, Best) = (write.Position, write.Validations, write.Best);
        var snapshot = new SnapshotAssembly();
        snapshot.Put(write.Parts);
        _weights = snapshot.Weights.ToArray();
        _optimizer = [.. snapshot.OptimizerState.Select(vector => vector.ToArray())];
        _states = [.. write.CarriedState.Select(state => state?.Span.ToArray())];
    }

    public long Step { get; }

    public DataPosition Position { get; }

    /// <summary>What validations had shown.</summary>
    public ValidationHistory? Validations { get; }

    /// <summary>The step with the best weights, where they are kept.</summary>
    public Step? Best { get; }

    /// <summary>True when some shard carries state.</summary>
    public bool CarriesState => Array.Exists(_states, state => state is { Length: > 0 });

    public IReadOnlyList<float> Weights => _weights;

    /// <summary>The optimizer's vectors, and behind them the average where one is kept.</summary>
    public IReadOnlyList<IReadOnlyList<float>> Optimizer => _optimizer;

    public string WeightsHash => Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes<float>(_weights)));

    public ParameterStart Start(PayloadPool pool) => new(
        new ParameterRange(0, _weights.Length), new WeightVersion(Step), pool.Copy<float>(_weights), [.. _optimizer.Select(vector => pool.Copy<float>(vector))]);

    public CarriedStates States(Job job, PayloadPool pool)
    {
        var states = new CarriedStates(job.Training.Shards);
        for (var shard = 0; shard < _states.Length; shard++)
            if (_states[shard] is { } state)
                states.Set(shard, pool.Copy<float>(state));
        return states;
    }
}
