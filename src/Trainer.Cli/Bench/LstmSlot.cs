using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;

namespace LstmCluster.Cli.Bench;

/// <summary>One worker slot's device with the layers of a case and a batch on it, as a training step has them.</summary>
sealed class LstmSlot : IDisposable
{
    readonly CpuDevice _device = CpuDevice.Create();
    readonly List<IDisposable> _owned = [];
    readonly (LayerRun Run, LayerWeights Weights, DeviceSpan OutputGradient, DeviceSpan Gradient)[] _layers;
    readonly DeviceSpan _input, _outputGradients, _savedOutputGradients, _recurrentKernelSized;
    readonly Pass _pass;

    /// <param name="extent">T, N, D, H.</param>
    /// <param name="variant">What the layers are.</param>
    /// <param name="layers">One for each direction.</param>
    /// <param name="weights">Of each layer; shared by all slots, as in training.</param>
    /// <param name="parameterCount">Parameters of one layer.</param>
    public LstmSlot(LstmExtent extent, LayerVariant variant, IReadOnlyList<Layer> layers, IReadOnlyList<LayerWeights> weights, int parameterCount)
    {
        var shape = new BatchShape(extent.T, extent.N);
        _owned.Add(_device);
        _input = Filled(_device, _owned, shape.Positions * extent.D, 1);
        var outputs = shape.Positions * layers[0].OutputSize;
        _savedOutputGradients = Filled(_device, _owned, outputs * layers.Count, 2);
        _outputGradients = Filled(_device, _owned, outputs * layers.Count, 2);
        _recurrentKernelSized = Filled(_device, _owned, variant.RecurrentElements(extent), 3);
        var keys = Own(_device.AllocateIndices(2 * extent.N));
        _device.Write(keys, [.. Enumerable.Range(0, extent.N).SelectMany(row => new[] { 0, row })]);
        _pass = new Pass(shape, !extent.IsStreaming, MaskKey: 1, keys);
        _layers = [.. layers.Select((layer, index) => (
            Own(layer.CreateRun(_device)), weights[index], _outputGradients.Slice(index * outputs, outputs), Filled(_device, _owned, parameterCount, 4)))];
        var held = _device.HeldBytes;
        foreach (var layer in _layers) layer.Run.Reserve(shape, !extent.IsStreaming);
        ActivationBytes = _device.HeldBytes - held;
    }

    /// <summary>Bytes that the layers' runs reserved for the batch: activations, states, and with a backward pass its gradients, those of x included.</summary>
    public long ActivationBytes { get; }

    /// <summary>Bytes of working memory that the kernels have taken so far.</summary>
    public long WorkingBytes => _device.WorkingBytes;

    /// <summary>Undoes what a backward pass did to its operands; no part of a step.</summary>
    public void Restore() => _device.Copy(_savedOutputGradients, _outputGradients);

    /// <summary>Forward of every direction.</summary>
    public void Forward()
    {
        foreach (var layer in _layers) layer.Run.Forward(layer.Weights, _pass, _input);
    }

    /// <summary>Full backward of every direction: dX, summed over the directions, and the gradients of all parameters.</summary>
    public void Backward()
    {
        DeviceSpan inputGradient = default;
        foreach (var layer in _layers)
        {
            var dx = layer.Run.Backward(layer.Weights, _pass, layer.OutputGradient);
            if (inputGradient.IsEmpty) inputGradient = dx;
            else _device.Add(inputGradient, dx);
            layer.Run.ShardGradient(new RowRange(0, _pass.Shape.Rows), layer.Gradient, accumulate: false);
        }
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
