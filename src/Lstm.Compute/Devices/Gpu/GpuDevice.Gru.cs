namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    const int GruGates = 3;

    static readonly GpuKernel s_clearPadding = new("recurrent", "recurrent_clear_padding");
    static readonly GpuKernel s_gru = new("recurrent", "recurrent_gru_step");
    static readonly GpuKernel s_gruGradient = new("recurrent", "recurrent_gru_step_gradient");

    /// <inheritdoc/>
    public void GruForward(in RecurrentShape shape, in GruWeights weights, in GruActivations activations)
    {
        var (rows, units, gateRows, count) = (shape.Rows, shape.Units, GruGates * shape.Units, shape.Rows * shape.Units);
        var kernel = weights.Forward.Of(_runtime, gateRows, shape.Inputs, MatrixUse.Forward);
        var recurrentKernel = weights.RecurrentForward.Of(_runtime, gateRows, units, MatrixUse.Forward);
        var at = new GruSpans(_runtime, shape, activations);
        var (bias, recurrentBias) = (At(weights.Plain.Bias, gateRows), At(weights.Plain.RecurrentBias, gateRows));
        Multiply(at.Input, shape.Steps * rows, kernel, at.Gates, bias, accumulate: false);
        for (var turn = 0; turn < shape.Steps; turn++)
        {
            var time = GpuTime.At(turn, shape.Steps, shape.Reverse);
            var before = at.Hidden.From((long)time.Before * count);
            Launch(s_gru, GpuGrid.UnitTiles(rows, units),
            [
                before, recurrentKernel.Values, recurrentBias, at.Gates.From((long)time.T * rows * gateRows), at.CandidateProduct.From((long)time.T * count),
                at.Hidden.From((long)time.After * count), at.Lengths.Span, at.Lengths.StepAt(time.T), rows, units,
            ]);
        }
    }

    /// <inheritdoc/>
    public void GruBackward(in RecurrentShape shape, in GruWeights weights, in GruActivations activations, in GruGradients gradients)
    {
        if (weights.Backward is null || weights.RecurrentBackward is null)
            throw new ArgumentException("the weights were prepared for inference only", nameof(weights));
        var (rows, units, gateRows, count) = (shape.Rows, shape.Units, GruGates * shape.Units, shape.Rows * shape.Units);
        var kernel = weights.Backward.Of(_runtime, gateRows, shape.Inputs, MatrixUse.Backward);
        var recurrentKernel = weights.RecurrentBackward.Of(_runtime, gateRows, units, MatrixUse.Backward);
        var at = new GruSpans(_runtime, shape, activations);
        var products = At(gradients.RecurrentProduct, (long)shape.Steps * rows * gateRows);
        var hidden = new HiddenGradient(_runtime, shape, gradients.Output, gradients.FinalHidden);
        var dx = AtAny(gradients.Input, (long)shape.Steps * rows * shape.Inputs);
        var later = AtAny(gradients.Joint.LaterProduct, (long)rows * gateRows);
        Begin(hidden, at.Lengths, shape, adds: true);
        for (var turn = shape.Steps - 1; turn >= 0; turn--)
        {
            var time = GpuTime.At(turn, shape.Steps, shape.Reverse);
            var product = products.From((long)time.T * rows * gateRows);
            Launch(s_gruGradient, GpuGrid.Tiles(rows, units),
            [
                later, recurrentKernel.Values, at.Gates.From((long)time.T * rows * gateRows), product, at.CandidateProduct.From((long)time.T * count),
                at.Hidden.From((long)time.Before * count), hidden.At(turn), hidden.At(turn - 1), at.Lengths.Span, at.Lengths.StepAt(time.T), rows, units,
            ]);
            later = product;
        }

        if (later.IsGiven && !gradients.Joint.LeavesEarlier) Multiply(later, rows, recurrentKernel, hidden.At(-1), GpuSpan.None, accumulate: true);

        if (dx.IsGiven) Multiply(at.Gates, shape.Steps * rows, kernel, dx, GpuSpan.None, accumulate: false);
    }

    /// <inheritdoc/>
    public void GruWeightGradient(
        in RecurrentShape shape, RowRange rows, in GruActivations activations, in GruGradients gradients, in GruParameters parameters, Summation sum)
    {
        Check(rows, shape.Rows);
        var (units, gateRows) = (shape.Units, GruGates * shape.Units);
        var at = new GruSpans(_runtime, shape, activations);
        var products = At(gradients.RecurrentProduct, (long)shape.Steps * shape.Rows * gateRows);
        var over = new GpuPositions(shape.Batch, rows, sum, LastFirst: !shape.Reverse);
        var before = shape.Reverse ? at.Hidden.From((long)shape.Rows * units) : at.Hidden;
        Gradient(over, at.Gates, gateRows, at.Input, shape.Inputs, At(parameters.Kernel, (long)gateRows * shape.Inputs));
        Gradient(over, products, gateRows, before, units, At(parameters.RecurrentKernel, (long)gateRows * units));
        ColumnSums(over, at.Gates, gateRows, GpuSpan.None, gateRows, At(parameters.Bias, gateRows));
        ColumnSums(over, products, gateRows, GpuSpan.None, gateRows, At(parameters.RecurrentBias, gateRows));
    }

    /// <summary>Nothing comes from an output beyond a row's length, whatever stands there.</summary>
    void ClearPadding(GpuSpan output, in GpuLengths lengths, BatchShape batch, int width)
    {
        var count = checked(batch.Positions * width);
        if (!lengths.AreFull)
            Launch(s_clearPadding, GpuGrid.Elements(count), [output, lengths.Span, lengths.StepAt(0), batch.Rows, width, count]);
    }

    /// <summary>Hands the final state's gradient to the last step, and makes room for the initial state's.</summary>
    /// <param name="hidden">Where the gradient stands.</param>
    /// <param name="lengths">What comes from an output beyond them is nothing.</param>
    /// <param name="shape">T, N, H and the direction.</param>
    /// <param name="adds">False when nothing passed by the step after the window.</param>
    void Begin(in HiddenGradient hidden, in GpuLengths lengths, in RecurrentShape shape, bool adds)
    {
        var count = shape.Rows * shape.Units;
        ClearPadding(hidden.Output, lengths, shape.Batch, shape.Units);
        if (adds) Add(hidden.At(shape.Steps - 1), hidden.At(-1), count);
        Fill(hidden.At(-1), count);
    }

    /// <summary>The gradient of a GRU's or RNN's hidden state on its way back through time, [T,N,H] in place of dy.</summary>
    readonly struct HiddenGradient(IGpuRuntime runtime, in RecurrentShape shape, DeviceSpan output, DeviceSpan finalHidden)
    {
        readonly GpuSpan _finalHidden = finalHidden.At(runtime, (long)shape.Rows * shape.Units);
        readonly RecurrentShape _shape = shape;

        /// <summary>[T,N,H].</summary>
        public GpuSpan Output { get; } = output.At(runtime, (long)shape.Steps * shape.Rows * shape.Units);

        /// <summary>Of the state after a turn of the loop, [N,H]; before the first turn, of the initial state.</summary>
        public GpuSpan At(int turn) =>
            turn < 0 ? _finalHidden : Output.From((long)GpuTime.At(turn, _shape.Steps, _shape.Reverse).T * _shape.Rows * _shape.Units);
    }

    /// <summary>The operands of a GRU, their lengths checked. Shapes stand at <see cref="GruActivations"/>.</summary>
    readonly struct GruSpans(IGpuRuntime runtime, in RecurrentShape shape, in GruActivations activations)
    {
        public readonly GpuSpan Input = activations.Input.At(runtime, (long)shape.Steps * shape.Rows * shape.Inputs);
        public readonly GpuSpan Gates = activations.Gates.At(runtime, (long)shape.Steps * shape.Rows * GruGates * shape.Units);
        public readonly GpuSpan CandidateProduct = activations.CandidateProduct.At(runtime, (long)shape.Steps * shape.Rows * shape.Units);
        public readonly GpuSpan Hidden = activations.Hidden.At(runtime, (shape.Steps + 1L) * shape.Rows * shape.Units);
        public readonly GpuLengths Lengths = new(runtime, shape.Batch, activations.Pass);
    }
}
