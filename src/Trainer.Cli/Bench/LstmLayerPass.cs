using LstmCluster.Compute;

namespace LstmCluster.Cli.Bench;

/// <summary>The layer of a case and a batch on a device, as a training step has them. The same numbers on every device.</summary>
sealed class LstmLayerPass : IDisposable
{
    readonly IDevice _device;
    readonly List<IDisposable> _owned = [];
    readonly LayerRun _run;
    readonly LayerWeights _weights;
    readonly DeviceSpan _input, _outputGradient, _savedOutputGradient, _gradient;
    readonly Pass _pass;
    DeviceSpan _output;

    /// <param name="device">Where; the caller's.</param>
    /// <param name="extent">T, N, D, H.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="weights">Its weights on the device.</param>
    /// <param name="parameterCount">Their number.</param>
    /// <param name="training">Whether a backward pass follows.</param>
    public LstmLayerPass(IDevice device, LstmExtent extent, Layer layer, LayerWeights weights, int parameterCount, bool training)
    {
        var shape = new BatchShape(extent.T, extent.N);
        (_device, _weights) = (device, weights);
        _input = Filled(device, _owned, shape.Positions * extent.D, 1);
        _savedOutputGradient = Filled(device, _owned, shape.Positions * layer.OutputSize, 2);
        _outputGradient = Filled(device, _owned, shape.Positions * layer.OutputSize, 2);
        _gradient = Filled(device, _owned, parameterCount, 4);
        var keys = Own(device.AllocateIndices(2 * extent.N));
        device.Write(keys, [.. Enumerable.Range(0, extent.N).SelectMany(row => new[] { 0, row })]);
        _pass = new Pass(shape, training, MaskKey: 1, keys);
        _run = Own(layer.CreateRun(device));
    }

    /// <summary>Makes room, so that passes allocate nothing.</summary>
    public void Reserve() => _run.Reserve(_pass.Shape, _pass.Training);

    /// <summary>Undoes what a backward pass did to its operands.</summary>
    public void Restore() => _device.Copy(_savedOutputGradient, _outputGradient);

    /// <summary>Forward.</summary>
    public void Forward() => _output = _run.Forward(_weights, _pass, _input);

    /// <summary>Full backward: dX, and the gradients of all parameters.</summary>
    public void Backward()
    {
        _run.Backward(_weights, _pass, _outputGradient);
        _run.ShardGradient(new RowRange(0, _pass.Shape.Rows), _gradient, accumulate: false);
    }

    /// <summary>Waits until the device has done what it was told.</summary>
    public void Wait()
    {
        Span<float> one = stackalloc float[1];
        _device.Read(_output.Slice(0, 1), one);
    }

    /// <summary>What the last forward pass gave.</summary>
    public float[] ReadOutput() => Read(_output);

    /// <summary>What the last backward pass gave for the parameters.</summary>
    public float[] ReadGradient() => Read(_gradient);

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

    float[] Read(DeviceSpan span)
    {
        var values = new float[span.Length];
        _device.Read(span, values);
        return values;
    }

    T Own<T>(T resource)
        where T : IDisposable
    {
        _owned.Add(resource);
        return resource;
    }
}
