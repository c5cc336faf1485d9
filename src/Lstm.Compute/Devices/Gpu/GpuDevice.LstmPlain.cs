namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    static readonly GpuKernel s_lstmStep = new("lstm_plain", "lstm_step");
    static readonly GpuKernel s_lstmStepGradient = new("lstm_plain", "lstm_step_gradient");
    static readonly GpuKernel s_lstmLastStepGradient = new("lstm_plain", "lstm_last_step_gradient");

    /// <summary>One step of an LSTM without options over full rows: the recurrent product, gates and states in one kernel.</summary>
    void PlainStep(in LstmShape shape, GpuMatrix recurrentKernel, in LstmSpans at, GpuTime time)
    {
        var (rows, units, count) = (shape.Rows, shape.Units, (long)shape.Rows * shape.Units);
        var (before, after) = (time.Before * count, time.After * count);
        Launch(s_lstmStep, GpuGrid.Tiles(rows, shape.GateRows),
        [
            at.Hidden.From(before), recurrentKernel.Values, at.Gates.From(4 * time.T * count), at.Cells.From(before), at.Cells.From(after),
            at.Hidden.From(after), rows, units,
        ]);
    }

    /// <summary>Backward of all steps, each of them one kernel together with the recurrent product of the step after it.</summary>
    void PlainGradient(in LstmShape shape, in LstmBackwardPass pass)
    {
        var (at, of, rows, units) = (pass.At, pass.Of, shape.Rows, shape.Units);
        var count = checked(rows * units);
        var later = of.LaterProduct;
        if (!later.IsGiven) Add(of.Output.From((long)GpuTime.At(shape.Steps - 1, shape.Steps, shape.Options.Reverse).T * count), of.FinalHidden, count);
        var isDone = TryPlainSequenceGradient(shape, pass, later);
        if (isDone) later = at.Gates.From(4L * GpuTime.At(0, shape.Steps, shape.Options.Reverse).T * count);
        for (var turn = shape.Steps - 1; turn >= 0 && !isDone; turn--)
        {
            var time = GpuTime.At(turn, shape.Steps, shape.Options.Reverse);
            var gates = at.Gates.From(4L * time.T * count);
            var (cell, nextCell, dh) = (at.Cells.From((long)time.Before * count), at.Cells.From((long)time.After * count), of.Output.From((long)time.T * count));
            if (later.IsGiven)
            {
                Launch(s_lstmStepGradient, GpuGrid.Tiles(rows, units),
                    [later, pass.RecurrentKernel.Values, gates, cell, nextCell, dh, of.FinalCell, rows, units]);
            }
            else
            {
                Launch(s_lstmLastStepGradient, GpuGrid.Elements(count), [gates, cell, nextCell, dh, of.FinalCell, units, count]);
            }

            later = gates;
        }

        Fill(of.FinalHidden, count);
        if (!of.LeavesEarlier) BeforeGradient(shape, pass, later, of.FinalHidden);
    }
}
