namespace LstmCluster.Compute;

/// <summary>A state of a recurrent layer on a device, or its gradient.</summary>
/// <param name="Hidden">h, [N,P].</param>
/// <param name="Cell">c, [N,H]; empty for a layer without cells.</param>
readonly record struct RecurrentState(DeviceSpan Hidden, DeviceSpan Cell);

/// <summary>A recurrent layer on a device: activations, carried state, gradients; over a whole batch, or over windows of its time one after the other.</summary>
/// <remarks>
/// For windows call <see cref="Begin"/>, then <see cref="ForwardSteps"/> for windows in the layer's direction until they are all steps; then
/// <see cref="BeginBackward"/> and <see cref="BackwardSteps"/> the other way round. The windows of both may differ, and the bits are those of one window over
/// all T. The input of a window must be there when its forward is called, and dy when its backward is, not before.
/// <see cref="LayerRun.ShardGradient"/> needs the whole of both.
/// </remarks>
abstract partial class RecurrentRun(RecurrentLayer layer, IDevice device) : LayerRun, IWindowedRun
{
    readonly StepTensor _hidden = new(device, layer.OutputSize), _cells = new(device, layer.CellSize);
    readonly StepTensor _dx = new(device, layer.InputSize), _dhFinal = new(device, layer.OutputSize), _dcFinal = new(device, layer.CellSize);
    readonly List<StepTensor> _kept = [], _keptInTraining = [];
    Pass _pass;
    DeviceSpan _x, _dy;
    int _forwardSteps, _backwardSteps;

    /// <summary>y, [T,N,P]: the steps that were run.</summary>
    public DeviceSpan Output => _hidden.Steps(layer.Reverse ? 0 : 1, Steps, Rows);

    /// <summary>The state before the layer's first step: of the loaded rows, or to be written between <see cref="Begin"/> and the first window.</summary>
    public RecurrentState Initial => StateAt(_pass.Shape, layer.Reverse ? Steps : 0);

    /// <summary>The state after the layer's last step.</summary>
    public RecurrentState Final => StateAt(_pass.Shape, layer.Reverse ? 0 : Steps);

    /// <summary>Gradient of <see cref="Final"/>: <see cref="StateGradient"/> after <see cref="BeginBackward"/>, and to be written before the first window.</summary>
    public RecurrentState FinalGradient => new(_dhFinal.Steps(0, 1, Rows), _dcFinal.Steps(0, 1, Rows));

    /// <summary>What <see cref="FinalGradient"/> starts from: a gradient that reaches the final state from elsewhere; empty for none.</summary>
    public RecurrentState StateGradient { get; set; }

    /// <summary>Gradient of <see cref="Initial"/> after the last window of the backward pass, in the memory of <see cref="FinalGradient"/>.</summary>
    public RecurrentState InitialGradient => FinalGradient;

    /// <summary>dx, [T,N,D]: the steps that went backward.</summary>
    public DeviceSpan InputGradient => _dx.Steps(0, Steps, Rows);

    /// <summary>True from the end of a forward pass until something overwrites what it left.</summary>
    protected bool HoldsForward => Steps > 0 && _forwardSteps == Steps && _backwardSteps == 0 && !Recomputes(_pass.Shape);

    int Steps => _pass.Shape.Steps;

    int Rows => _pass.Shape.Rows;

    /// <summary>All steps of the batch.</summary>
    protected TimeWindow Whole => new(0, Steps);

    /// <summary>Where the layer computes.</summary>
    protected IDevice Device => device;

    /// <summary>Begins a forward pass.</summary>
    /// <param name="pass">What the batch has in common, with the whole T.</param>
    /// <param name="x">[T,N,D]; a window's part must be there when the window is run, and stay until the backward pass is over.</param>
    /// <exception cref="InvalidOperationException">The layer recomputes activations of so long a batch: it runs whole only.</exception>
    public void Begin(in Pass pass, DeviceSpan x)
    {
        if (Recomputes(pass.Shape))
            throw new InvalidOperationException($"a layer that keeps {layer.RecomputeSteps} steps does not run {pass.Shape.Steps} of them in windows of time");
        Start(pass, x);
    }

    /// <summary>Forward over a window of time.</summary>
    /// <param name="weights">Parameters of the layer.</param>
    /// <param name="window">Steps that follow those already run in the layer's direction.</param>
    /// <exception cref="InvalidOperationException">The window is another.</exception>
    public void ForwardSteps(LayerWeights weights, TimeWindow window)
    {
        Require(window, layer.Reverse ? Steps - _forwardSteps - window.Count : _forwardSteps);
        if (_forwardSteps == 0) StartFreshRows(weights);
        Forward(weights, window);
        _forwardSteps += window.Count;
    }

    /// <summary>Begins the backward pass after all steps were run forward.</summary>
    /// <param name="dy">[T,N,P]; a window's part must be there when the window goes backward. Overwritten.</param>
    public void BeginBackward(DeviceSpan dy)
    {
        if (_forwardSteps != Steps) throw new InvalidOperationException($"{_forwardSteps} of {Steps} steps were run: backward needs all");
        (_dy, _backwardSteps) = (dy, 0);
        StartFrom(StateGradient.Hidden, FinalGradient.Hidden);
        if (layer.CellSize > 0) StartFrom(StateGradient.Cell, FinalGradient.Cell);
    }

    /// <summary>Backward over a window of time.</summary>
    /// <param name="weights">The same parameters.</param>
    /// <param name="window">Steps that come before those that went backward already, in the layer's direction.</param>
    /// <exception cref="InvalidOperationException">The window is another.</exception>
    public void BackwardSteps(LayerWeights weights, TimeWindow window)
    {
        Require(window, layer.Reverse ? _backwardSteps : Steps - _backwardSteps - window.Count);
        var later = layer.Reverse ? window.First - 1 : window.End;
        Backward(weights, window, _backwardSteps == 0 ? default : RecurrentProductGradient(later));
    }

    /// <inheritdoc/>
    public sealed override DeviceSpan Forward(LayerWeights weights, in Pass pass, DeviceSpan x)
    {
        Start(pass, x);
        if (Recomputes(pass.Shape)) ForwardInChunks(weights);
        else ForwardSteps(weights, Whole);
        return Output;
    }

    /// <inheritdoc/>
    /// <remarks>Truncated back-propagation: nothing comes back from the steps after this batch.</remarks>
    public sealed override DeviceSpan Backward(LayerWeights weights, in Pass pass, DeviceSpan dy)
    {
        BeginBackward(dy);
        return FinishBackward(weights);
    }

    /// <summary>Backward over all steps at once. Call after <see cref="BeginBackward"/>, when <see cref="FinalGradient"/> is complete.</summary>
    /// <param name="weights">The same parameters.</param>
    /// <returns><see cref="InputGradient"/>.</returns>
    public DeviceSpan FinishBackward(LayerWeights weights)
    {
        if (Recomputes(_pass.Shape)) BackwardInChunks(weights);
        else BackwardSteps(weights, Whole);
        return InputGradient;
    }

    /// <inheritdoc/>
    public sealed override void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate)
    {
        if (Recomputes(_pass.Shape)) HandOut(rows, gradient, accumulate);
        else WeightGradient(Whole, rows, gradient, accumulate ? Summation.Add : Summation.Write);
        if (layer.LearnedInitialState) InitialStateGradient(rows, layer.InitialStateOf(gradient), accumulate);
    }

    /// <inheritdoc/>
    public sealed override void Reserve(BatchShape shape, bool training)
    {
        _hidden.Reserve(shape.Steps + 1, shape.Rows);
        var kept = KeptSteps(shape);
        _cells.Reserve(kept + 1, shape.Rows);
        if (Recomputes(shape)) _borders.Reserve(Chunks(shape) + 1, shape.Rows);
        foreach (var tensor in _kept) tensor.Reserve(kept, shape.Rows);
        if (!training) return;
        _dx.Reserve(shape.Steps, shape.Rows);
        _dhFinal.Reserve(1, shape.Rows);
        _dcFinal.Reserve(1, shape.Rows);
        foreach (var tensor in _keptInTraining) tensor.Reserve(kept, shape.Rows);
        if (Recomputes(shape)) _laterProduct.Reserve(1, shape.Rows);
        if (layer.LearnedInitialState) _stateSum.Reserve(layer.StateSize);
    }

    internal sealed override LayerRun? RunOf(Layer wanted) => wanted == layer ? this : null;

    /// <summary>A tensor [T,N,width] that forward keeps; empty without width.</summary>
    protected StepTensor Kept(int width) => Added(_kept, width);

    /// <summary>A tensor [T,N,width] that backward keeps; empty without width.</summary>
    protected StepTensor KeptInTraining(int width) => Added(_keptInTraining, width);

    /// <summary>A window of what <see cref="Kept"/> gave.</summary>
    protected DeviceSpan Of(StepTensor tensor, TimeWindow window) => tensor.Steps(window.First - _keptFrom, window.Count, Rows);

    /// <summary>x of a window.</summary>
    protected DeviceSpan Input(TimeWindow window) => Part(_x, window, layer.InputSize);

    /// <summary>h of a window, [steps + 1,N,P].</summary>
    protected DeviceSpan Hidden(TimeWindow window) => _hidden.Steps(window.First, window.Count + 1, Rows);

    /// <summary>c of a window, [steps + 1,N,H].</summary>
    protected DeviceSpan Cells(TimeWindow window) => _cells.Steps(window.First - _keptFrom, window.Count + 1, Rows);

    /// <summary>dy of a window.</summary>
    protected DeviceSpan OutputGradient(TimeWindow window) => Part(_dy, window, layer.OutputSize);

    /// <summary>dx of a window.</summary>
    protected DeviceSpan InputGradientOf(TimeWindow window) => _dx.Steps(window.First, window.Count, Rows);

    /// <summary>What the kernels must know of the batch.</summary>
    protected RecurrentPass PassOf(TimeWindow window) => _pass.Recurrent with { FirstStep = window.First, BatchSteps = Steps };

    /// <summary>N of the batch, T of the window.</summary>
    protected BatchShape ShapeOf(TimeWindow window) => new(window.Count, Rows);

    /// <summary>Forward over a window.</summary>
    protected abstract void Forward(LayerWeights weights, TimeWindow window);

    /// <summary>Backward over a window.</summary>
    protected abstract void Backward(LayerWeights weights, TimeWindow window, in WindowJoint joint);

    /// <summary>Gradient of the recurrent product of a step that went backward, [N,rows of U].</summary>
    protected abstract DeviceSpan RecurrentProductGradient(int step);

    /// <summary>Gradient of the parameters over a window and the rows of one shard.</summary>
    protected abstract void WeightGradient(TimeWindow window, RowRange rows, DeviceSpan gradient, Summation sum);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var tensor in (ReadOnlySpan<StepTensor>)[_hidden, _cells, _borders, _dx, _dhFinal, _dcFinal, _laterProduct, .. _kept, .. _keptInTraining])
            tensor.Dispose();
        _sums.Dispose();
        _stateSum.Dispose();
    }

    void Start(in Pass pass, DeviceSpan x) => (_pass, _x, _forwardSteps, _backwardSteps, _keptFrom) = (pass, x, 0, 0, 0);

    void Backward(LayerWeights weights, TimeWindow window, DeviceSpan laterProduct)
    {
        Backward(weights, window, new WindowJoint(laterProduct, _backwardSteps + window.Count < Steps));
        _backwardSteps += window.Count;
    }

    void StartFrom(DeviceSpan gradient, DeviceSpan target)
    {
        if (gradient.IsEmpty) device.Fill(target, 0f);
        else device.Copy(gradient, target);
    }

    DeviceSpan Part(DeviceSpan tensor, TimeWindow window, int width) => tensor.Slice(window.First * Rows * width, window.Count * Rows * width);

    StepTensor Added(List<StepTensor> tensors, int width)
    {
        var tensor = new StepTensor(device, width);
        tensors.Add(tensor);
        return tensor;
    }

    void Require(TimeWindow window, int first)
    {
        if (window.First != first || window.Count < 1 || first < 0 || window.End > Steps)
            throw new InvalidOperationException($"steps {window.First} to {window.End} of {Steps} are not those that come next");
    }
}
