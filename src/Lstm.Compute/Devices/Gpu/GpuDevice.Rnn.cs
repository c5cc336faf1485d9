namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    static readonly GpuKernel s_rnn = new("recurrent", "recurrent_rnn_step");
    static readonly GpuKernel s_rnnGradient = new("recurrent", "recurrent_rnn_step_gradient");

    /// <inheritdoc/>
    public void RnnForward(in RecurrentShape shape, in RnnWeights weights, in RnnActivations activations)
    {
        var (rows, units, count) = (shape.Rows, shape.Units, shape.Rows * shape.Units);
        var kernel = weights.Forward.Of(_runtime, units, shape.Inputs, MatrixUse.Forward);
        var recurrentKernel = weights.RecurrentForward.Of(_runtime, units, units, MatrixUse.Forward);
        var at = new RnnSpans(_runtime, shape, activations);
        Multiply(at.Input, shape.Steps * rows, kernel, at.After, At(weights.Plain.Bias, units), accumulate: false);
        for (var turn = 0; turn < shape.Steps; turn++)
        {
            var t = GpuTime.At(turn, shape.Steps, shape.Reverse).T;
            var (before, after) = (at.Before.From((long)t * count), at.After.From((long)t * count));
            Launch(s_rnn, GpuGrid.Tiles(rows, units), [before, recurrentKernel.Values, after, at.Lengths.Span, at.Lengths.StepAt(t), rows, units]);
        }
    }

    /// <inheritdoc/>
    public void RnnBackward(in RecurrentShape shape, in RnnWeights weights, in RnnActivations activations, in RnnGradients gradients)
    {
        if (weights.Backward is null || weights.RecurrentBackward is null)
            throw new ArgumentException("the weights were prepared for inference only", nameof(weights));
        var (rows, units, count) = (shape.Rows, shape.Units, shape.Rows * shape.Units);
        var kernel = weights.Backward.Of(_runtime, units, shape.Inputs, MatrixUse.Backward);
        var recurrentKernel = weights.RecurrentBackward.Of(_runtime, units, units, MatrixUse.Backward);
        var at = new RnnSpans(_runtime, shape, activations);
        var hidden = new HiddenGradient(_runtime, shape, gradients.Output, gradients.FinalHidden);
        var dx = AtAny(gradients.Input, (long)shape.Steps * rows * shape.Inputs);
        var later = AtAny(gradients.Joint.LaterProduct, count);
        Begin(hidden, at.Lengths, shape, adds: !later.IsGiven || !at.Lengths.AreFull);
        for (var turn = shape.Steps - 1; turn >= 0; turn--)
        {
            var t = GpuTime.At(turn, shape.Steps, shape.Reverse).T;
            Launch(s_rnnGradient, GpuGrid.Tiles(rows, units),
            [
                later, recurrentKernel.Values, at.After.From((long)t * count), hidden.At(turn), hidden.At(turn - 1), at.Lengths.Span, at.Lengths.StepAt(t), rows,
                units,
            ]);
            later = hidden.At(turn);
        }

        if (later.IsGiven && !gradients.Joint.LeavesEarlier) Multiply(later, rows, recurrentKernel, hidden.At(-1), GpuSpan.None, accumulate: true);

        if (dx.IsGiven) Multiply(hidden.Output, shape.Steps * rows, kernel, dx, GpuSpan.None, accumulate: false);
    }

    /// <inheritdoc/>
    public void RnnWeightGradient(
        in RecurrentShape shape, RowRange rows, in RnnActivations activations, in RnnGradients gradients, in RnnParameters parameters, Summation sum)
    {
        Check(rows, shape.Rows);
        var (units, at) = (shape.Units, new RnnSpans(_runtime, shape, activations));
        var da = At(gradients.Output, (long)shape.Steps * shape.Rows * units);
        var over = new GpuPositions(shape.Batch, rows, sum, LastFirst: !shape.Reverse);
        Gradient(over, da, units, at.Input, shape.Inputs, At(parameters.Kernel, (long)units * shape.Inputs));
        Gradient(over, da, units, at.Before, units, At(parameters.RecurrentKernel, (long)units * units));
        ColumnSums(over, da, units, GpuSpan.None, units, At(parameters.Bias, units));
    }

    /// <summary>The operands of an RNN, their lengths checked. Shapes stand at <see cref="RnnActivations"/>.</summary>
    readonly struct RnnSpans
    {
        public RnnSpans(IGpuRuntime runtime, in RecurrentShape shape, in RnnActivations activations)
        {
            var state = (long)shape.Rows * shape.Units;
            Input = activations.Input.At(runtime, (long)shape.Steps * shape.Rows * shape.Inputs);
            var hidden = activations.Hidden.At(runtime, (shape.Steps + 1L) * state);
            (Before, After) = shape.Reverse ? (hidden.From(state), hidden) : (hidden, hidden.From(state));
            Lengths = new GpuLengths(runtime, shape.Batch, activations.Pass);
        }

        /// <summary>The states before each step and after it, both [T,N,H].</summary>
        public readonly GpuSpan Before, After;

        public readonly GpuSpan Input;
        public readonly GpuLengths Lengths;
    }
}
