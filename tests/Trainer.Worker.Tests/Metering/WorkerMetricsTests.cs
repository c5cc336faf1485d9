using LstmCluster.Compute;
using LstmCluster.Protocol;
using LstmCluster.Training;
using Metering.Support;

namespace Trainer.Worker.Tests.Metering;

/// <summary>What is counted of a worker, over a clock that a test moves.</summary>
public sealed class WorkerMetricsTests : IDisposable
{
    readonly Training _training = new();
    readonly Clock _clock = new();

    public void Dispose() => _training.Dispose();

    [Fact]
    public void Shards_and_times_are_counted_by_worker_and_by_what_they_are_for()
    {
        using var measured = new Measured(WorkerMetrics.MeterName);
        using var metrics = new WorkerMetrics(_clock);
        using var first = metrics.Count("pc.0", new Timed(_clock, forward: 2, backward: 5));
        using var second = metrics.Count("pc.1", new Timed(_clock, forward: 1, backward: 1));

        _clock.Add(10);
        Train(first, [0, 1, 2]);
        _clock.Add(4);
        Train(first, [5]);
        Evaluate(first, [1]);
        Train(second, [3, 4]);

        measured.Lines.ShouldBe(
        [
            "lstm_cluster.compute.shards {worker=pc.0, work=evaluate} 1",
            "lstm_cluster.compute.shards {worker=pc.0, work=train} 4",
            "lstm_cluster.compute.shards {worker=pc.1, work=train} 2",
            "lstm_cluster.compute.time {worker=pc.0, work=evaluate} 2",
            "lstm_cluster.compute.time {worker=pc.0, work=train} 14",
            "lstm_cluster.compute.time {worker=pc.1, work=train} 2",
            "lstm_cluster.compute.wait.time {worker=pc.0} 14",
            "lstm_cluster.compute.wait.time {worker=pc.1} 30",
        ]);
    }

    [Fact]
    public void A_worker_computes_the_same_bits_whether_it_is_counted_or_not()
    {
        using var metrics = new WorkerMetrics(_clock);
        using var lease = _training.Cache.Acquire(Training.Publish(_training.Weights()));
        Computed[] computed = [new(), new()];
        IShardCompute[] computers = [_training.Computer(), metrics.Count("pc.0", _training.Computer())];
        foreach (var (compute, result) in computers.Zip(computed))
        {
            var assignment = _training.Assign([0, 1, 4]);
            result.Take(compute.Forward(assignment, lease));
            compute.Backward(lease, _training.Pieces(100), result.Take);
            assignment.Release();
            compute.GradientLength.ShouldBe(_training.Model.Parameters.Length);
            compute.DeviceName.ShouldBe("cpu");
            compute.Dispose();
        }

        computed[1].ShouldHaveTheBitsOf(computed[0]);
        foreach (var (node, gradient) in computed[0].Gradients) Computed.Bits(computed[1].Gradients[node]).ShouldBe(Computed.Bits(gradient));
    }

    void Train(IShardCompute compute, int[] shards)
    {
        Run(compute, shards, Training.Step(1));
        compute.Backward(null!, _training.Whole, _ => { });
    }

    void Evaluate(IShardCompute compute, int[] shards) => Run(compute, shards, Training.Evaluation(1));

    void Run(IShardCompute compute, int[] shards, Round round)
    {
        var assignment = _training.Assign(shards, round);
        compute.Forward(assignment, null!);
        assignment.Release();
    }

    /// <summary>A clock of seconds.</summary>
    sealed class Clock : TimeProvider
    {
        long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _seconds;

        public void Add(int seconds) => _seconds += seconds;
    }

    /// <summary>Takes its time, and computes nothing.</summary>
    sealed class Timed(Clock clock, int forward, int backward) : IShardCompute
    {
        public int GradientLength => 0;

        public GradientPrecision Precision => GradientPrecision.Fp32;

        public string DeviceName => "none";

        public IReadOnlyList<ShardResult> Forward(AssignShards assignment, WeightLease weights)
        {
            clock.Add(forward);
            return [.. assignment.Shards.Select(shard => new ShardResult(shard.Shard, 0, 0, null))];
        }

        public void Backward(WeightLease weights, IReadOnlyList<ParameterRange> pieces, Action<GradientPiece> take) => clock.Add(backward);

        public void Dispose()
        {
        }
    }
}
