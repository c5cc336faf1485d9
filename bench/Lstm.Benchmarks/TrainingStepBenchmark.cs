using BenchmarkDotNet.Attributes;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;

namespace LstmCluster.Benchmarks;

/// <summary>What one worker and the parameter server do for one step of a character model, without actors: on one thread.</summary>
[MemoryDiagnoser]
public class TrainingStepBenchmark
{
    const int Shards = 4, Vocabulary = 83;

    readonly Adam _adam = new();
    CpuDevice _device = null!;
    SequenceRun _run = null!;
    ModelWeights _weights = null!;
    DeviceBuffer _parameters = null!, _updated = null!, _gradient = null!, _first = null!, _second = null!;
    ShardRows[] _shards = [];
    GradientTarget[] _targets = [];
    int[] _tokens = [];
    float[] _losses = [];
    BatchShape _shape;

    /// <summary>Units of both LSTM layers.</summary>
    [Params(256)]
    public int Units { get; set; }

    /// <summary>T, time steps.</summary>
    [Params(64)]
    public int Steps { get; set; }

    /// <summary>Takes memory and fills it.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var model = SequenceModel.LanguageModel(Vocabulary, 64, [Units, Units], dropout: 0.2f);
        _device = CpuDevice.Create();
        (_run, _weights) = (new SequenceRun(model, _device), new ModelWeights(model, _device, training: true));
        var initial = new float[model.Parameters.Length];
        model.Parameters.Initialize(42, initial);
        _parameters = _device.Allocate(initial.Length);
        _device.Write(_parameters.All, initial);
        (_updated, _gradient, _first, _second) =
            (_device.Allocate(initial.Length), _device.Allocate(initial.Length), _device.Allocate(initial.Length), _device.Allocate(initial.Length));
        _shards = [.. Enumerable.Range(0, Shards).Select(shard => new ShardRows(shard, new RowRange(shard * 4, 4)))];
        _targets = [new GradientTarget(new ShardRange(0, Shards), _gradient.All)];
        _shape = new BatchShape(Steps, Shards * 4);
        _tokens = [.. Enumerable.Range(0, _shape.Positions).Select(position => position * position % Vocabulary)];
        _losses = new float[_shape.Positions];
    }

    /// <summary>Prepare weights, forward, backward, shard gradients along their tree, Adam.</summary>
    [Benchmark]
    public void Step()
    {
        _weights.Load(_parameters.All);
        _run.Load(_shape, _tokens, _tokens, _shards);
        _run.Forward(_weights, training: true, maskKey: 1);
        _run.Losses(_losses);
        _run.Backward(_weights, _targets);
        _adam.Apply(_device, 1, 0.001, 1f / _shape.Positions, _gradient.All, _parameters.All, [_first.All, _second.All], _updated.All);
    }
}
