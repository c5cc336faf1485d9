using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;

namespace LstmCluster.Cli.Bench;

/// <summary>One worker slot's device with the layer of a case and a batch on it, as a training step has them.</summary>
sealed class LstmSlot : IDisposable
{
    readonly CpuDevice _device = CpuDevice.Create();
    readonly List<IDisposable> _owned = [];
    readonly LayerRun _run;
    readonly LayerWeights _weights;
    readonly DeviceSpan _input, _outputGradient, _savedOutputGradient, _gradient, _recurrentKernelSized;
    readonly Pass _pass;

    /// <param name="extent">T, N, D, H.</param>
    /// <param name="variant">What the layer is.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="weights">Its weights; shared by all slots, as in training.</param>
    /// <param name="parameterCount">Their number.</param>
    public LstmSlot(LstmExtent extent, LayerVariant variant, Layer layer, LayerWeights weights, int parameterCount)
    {
        var shape = new BatchShape(extent.T, extent.N);
        _weights = weights;
        _owned.Add(_device);
        _input = Filled(_device, _owned, shape.Positions * extent.D, 1);
        _savedOutputGradient = Filled(_device, _owned, shape.Positions * layer.OutputSize, 2);
        _outputGradient = Filled(_device, _owned, shape.Positions * layer.OutputSize, 2);
        _recurrentKernelSized = Filled(_device, _owned, variant.RecurrentElements(extent), 3);
        _gradient = Filled(_device, _owned, parameterCount, 4);
        var keys = Own(_device.AllocateIndices(2 * extent.N));
        _device.Write(keys, [.. Enumerable.Range(0, extent.N).SelectMany(row => new[] { 0, row })]);
        _pass = new Pass(shape, !extent.IsStreaming, MaskKey: 1, keys);
        _run = Own(layer.CreateRun(_device));
        var held = _device.HeldBytes;
        _run.Reserve(shape, !extent.IsStreaming);
        ActivationBytes = _device.HeldBytes - held;
    }

    /// <summary>Bytes that the layer's run reserved for the batch: activations, states, and with a backward pass its gradients, those of x included.</summary>
    public long ActivationBytes { get; }

    /// <summary>Bytes of working memory that the kernels have taken so far.</summary>
    public long WorkingBytes => _device.WorkingBytes;

    /// <summary>Undoes what a backward pass did to its operands; no part of a step.</summary>
    public void Restore() => _device.Copy(_savedOutputGradient, _outputGradient);

    /// <summary>Forward.</summary>
    public void Forward() => _run.Forward(_weights, _pass, _input);

    /// <summary>Full backward: dX, and the gradients of all parameters.</summary>
    public void Backward()
    {
        _run.Backward(_weights, _pass, _outputGradient);
        _run.ShardGradient(new RowRange(0, _pass.Shape.Rows), _gradient, accumulate: false);
    }

    /// <summary>Reads memory of the size of one direction's recurrent matrices.</summary>
    /// <returns>Bytes read.</returns>
    public long Read() => MachinePeak.Read(_recurrentKernelSized);

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var index = _owned.Count - 1; index >= 0; index--) _owned[index].Dispose();
    }

    /// <summary>Memory with numbers of the size that activations have.</summary>
    public static DeviceSpan Filled(IDevice device, List<IDisposable> owned, int length, uint stream)
    {
        var values = new float[length];
        new UniformInitializer(0.1).Fill(values, new RandomSequence(1, stream));
        var buffer = device.Allocate(length);
        owned.Add(buffer);
        device.Write(buffer.All, values);
        return buffer.All;
    }

    T Own<T>(T resource)
        where T : IDisposable
    {
        _owned.Add(resource);
        return resource;
    }
}
