using BenchmarkDotNet.Attributes;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;

namespace LstmCluster.Benchmarks;

/// <summary>One LSTM layer on one thread: forward, and backward with weight gradients of one shard. 6*T*N*(D+H)*4H operations together.</summary>
[MemoryDiagnoser]
public class LstmLayerBenchmark
{
    CpuDevice _device = null!;
    LstmShape _shape;
    LstmWeights _weights;
    LstmActivations _activations;
    LstmGradients _gradients;
    LstmParameters _weightGradient;

    /// <summary>T,N,D,H.</summary>
    [Params("64,32,128,128", "32,16,256,256", "64,32,512,512", "64,64,1024,1024")]
    public string Shape { get; set; } = "";

    /// <summary>Takes memory and fills it.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var extents = Shape.Split(',').Select(int.Parse).ToArray();
        _shape = new LstmShape(extents[0], extents[1], extents[2], extents[3]);
        var (t, n, d, h) = (_shape.Steps, _shape.Rows, _shape.Inputs, _shape.Units);
        _device = CpuDevice.Create();
        var plain = new LstmParameters(Filled(4 * h * d), Filled(4 * h * h), Filled(4 * h));
        _weights = new LstmWeights(
            Prepared(plain.Kernel, d, MatrixUse.Forward), Prepared(plain.RecurrentKernel, h, MatrixUse.Forward),
            Prepared(plain.Kernel, d, MatrixUse.Backward), Prepared(plain.RecurrentKernel, h, MatrixUse.Backward), plain);
        _activations = new LstmActivations(Filled(t * n * d), Filled(t * n * 4 * h), Filled((t + 1) * n * h), Filled((t + 1) * n * h));
        _gradients = new LstmGradients(Filled(t * n * h), Filled(t * n * d), Filled(n * h), Filled(n * h));
        _weightGradient = new LstmParameters(Filled(4 * h * d), Filled(4 * h * h), Filled(4 * h));
    }

    /// <summary>Forward.</summary>
    [Benchmark]
    public void Forward() => _device.LstmForward(_shape, _weights, _activations);

    /// <summary>Forward, backward and weight gradients.</summary>
    [Benchmark]
    public void ForwardAndBackward()
    {
        _device.LstmForward(_shape, _weights, _activations);
        _device.LstmBackward(_shape, _weights, _activations, _gradients);
        _device.LstmWeightGradient(_shape, new RowRange(0, _shape.Rows), _activations, _gradients, _weightGradient, Summation.Write);
    }

    PreparedMatrix Prepared(DeviceSpan matrix, int columns, MatrixUse use)
    {
        var prepared = _device.AllocatePrepared(4 * _shape.Units, columns, use);
        _device.Prepare(matrix, prepared);
        return prepared;
    }

    DeviceSpan Filled(int length)
    {
        var values = new float[length];
        new UniformInitializer(0.1).Fill(values, new RandomSequence(1, (uint)length));
        var buffer = _device.Allocate(length);
        _device.Write(buffer.All, values);
        return buffer.All;
    }
}
