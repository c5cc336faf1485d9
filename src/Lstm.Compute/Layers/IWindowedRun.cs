namespace LstmCluster.Compute;

/// <summary>A layer on a device that may be run over windows of time, one after the other, with the bits of one window over all steps.</summary>
interface IWindowedRun
{
    /// <summary>y, [T,N,OutputSize]: the steps that were run.</summary>
    DeviceSpan Output { get; }

    /// <summary>dx, [T,N,D]: the steps that went backward.</summary>
    DeviceSpan InputGradient { get; }

    /// <summary>Begins a forward pass.</summary>
    /// <param name="pass">What the batch has in common, with the whole T.</param>
    /// <param name="x">[T,N,D]; a window's part must be there when the window is run, and stay until the backward pass is over.</param>
    void Begin(in Pass pass, DeviceSpan x);

    /// <summary>Forward over the window that comes next.</summary>
    void ForwardSteps(LayerWeights weights, TimeWindow window);

    /// <summary>Begins the backward pass.</summary>
    /// <param name="dy">[T,N,OutputSize]; a window's part must be there when the window goes backward. May be overwritten.</param>
    void BeginBackward(DeviceSpan dy);

    /// <summary>Backward over the window that comes next, the other way round.</summary>
    void BackwardSteps(LayerWeights weights, TimeWindow window);
}
