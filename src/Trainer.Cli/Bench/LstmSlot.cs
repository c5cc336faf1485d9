using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;

namespace LstmCluster.Cli.Bench;

/// <summary>One worker slot's thread of the processor with the layer of a case and a batch on it.</summary>
sealed class LstmSlot : IDisposable
{
    readonly CpuDevice _device = CpuDevice.Create();
    readonly List<IDisposable> _owned = [];
    readonly LstmLayerPass _pass;
    readonly DeviceSpan _recurrentKernelSized;

    /// <param name="extent">T, N, D, H.</param>
    /// <param name="variant">What the layer is.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="weights">Its weights; shared by all slots, as in training.</param>
    /// <param name="parameterCount">Their number.</param>
    public LstmSlot(LstmExtent extent, LayerVariant variant, Layer layer, LayerWeights weights, int parameterCount)
    {
        _owned.Add(_device);
        _recurrentKernelSized = LstmLayerPass.Filled(_device, _owned, variant.RecurrentElements(extent), 3);
        _pass = new LstmLayerPass(_device, extent, layer, weights, parameterCount, training: !extent.IsStreaming);
        _owned.Add(_pass);
        var held = _device.HeldBytes;
        _pass.Reserve();
        ActivationBytes = _device.HeldBytes - held;
    }

    /// <summary>Bytes that the layer's run reserved for the batch: activations, states, and with a backward pass its gradients, those of x included.</summary>
    public long ActivationBytes { get; }

    /// <summary>Bytes of working memory that the kernels have taken so far.</summary>
    public long WorkingBytes => _device.WorkingBytes;

    /// <summary>Undoes what a backward pass did to its operands; no part of a step.</summary>
    public void Restore() => _pass.Restore();

    /// <summary>Forward.</summary>
    public void Forward() => _pass.Forward();

    /// <summary>Full backward: dX, and the gradients of all parameters.</summary>
    public void Backward() => _pass.Backward();

    /// <summary>Reads memory of the size of one direction's recurrent matrices.</summary>
    /// <returns>Bytes read.</returns>
    public long Read() => MachinePeak.Read(_recurrentKernelSized);

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var index = _owned.Count - 1; index >= 0; index--) _owned[index].Dispose();
    }
}
