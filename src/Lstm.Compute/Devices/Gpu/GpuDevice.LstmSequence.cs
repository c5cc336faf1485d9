namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    static readonly GpuKernel s_lstmSequenceNarrow = new("lstm_sequence", "lstm_sequence_narrow");
    static readonly GpuKernel s_lstmSequenceWide = new("lstm_sequence", "lstm_sequence_wide");
    static readonly GpuKernel s_lstmSequenceNarrowGradient = new("lstm_sequence", "lstm_sequence_narrow_gradient");
    static readonly GpuKernel s_lstmSequenceWideGradient = new("lstm_sequence", "lstm_sequence_wide_gradient");

    readonly int? _groupsAtOnce;
    GpuMemory? _arrived;

    /// <summary>What the groups of a sequence count their arrivals in. Commands run in order, so no two sequences need it at a time.</summary>
    GpuSpan Arrived => new((_arrived ??= new GpuMemory(_runtime, sizeof(uint))).Handle, 0);

    /// <summary>All steps of an LSTM without options over full rows.</summary>
    void PlainSteps(in LstmShape shape, GpuMatrix recurrentKernel, in LstmSpans at)
    {
        if (LstmSequence.Of(this, shape, s_lstmSequenceNarrow, s_lstmSequenceWide) is not { } sequence)
        {
            for (var turn = 0; turn < shape.Steps; turn++) PlainStep(shape, recurrentKernel, at, GpuTime.At(turn, shape.Steps, shape.Options.Reverse));
            return;
        }

        var steps = _groupsAtOnce is null ? shape.Steps : 1;
        for (var first = 0; first < shape.Steps; first += steps)
        {
            LaunchAtOnce(sequence,
            [
                at.Hidden, recurrentKernel.Values, at.Gates, at.Cells, Arrived, sequence.Memory, shape.Rows, shape.Units, shape.Steps, first, first + steps,
                shape.Options.Reverse,
            ]);
        }
    }

    /// <summary>Backward of all steps, from the last one on.</summary>
    /// <param name="shape">The layer.</param>
    /// <param name="pass">Its operands.</param>
    /// <param name="later">dz of the step after the last one; left out where there is none.</param>
    /// <returns>False where the sequence does not fit into one launch; nothing was done then.</returns>
    bool TryPlainSequenceGradient(in LstmShape shape, in LstmBackwardPass pass, GpuSpan later)
    {
        if (LstmSequence.Of(this, shape, s_lstmSequenceNarrowGradient, s_lstmSequenceWideGradient) is not { } sequence) return false;
        var (at, of, states) = (pass.At, pass.Of, 4L * shape.Rows * shape.Units);
        var steps = _groupsAtOnce is null ? shape.Steps : 1;
        for (var last = shape.Steps; last > 0; last -= steps)
        {
            LaunchAtOnce(sequence,
            [
                later, pass.RecurrentKernel.Values, at.Gates, at.Cells, of.Output, of.FinalCell, Arrived, sequence.Memory, shape.Rows, shape.Units, shape.Steps,
                last - steps, last, shape.Options.Reverse,
            ]);
            later = at.Gates.From(GpuTime.At(last - steps, shape.Steps, shape.Options.Reverse).T * states);
        }

        return true;
    }

    void LaunchAtOnce(in LstmSequence sequence, ReadOnlySpan<GpuArgument> arguments)
    {
        // A step on its own waits for nobody.
        if (_groupsAtOnce is not null) Launch(sequence.Kernel, sequence.Grid, arguments);
        else if (!sequence.Grid.IsEmpty) _runtime.LaunchAtOnce(sequence.Kernel, sequence.Grid, arguments);
    }

    /// <summary>How the steps of an LSTM are spread over work-groups that keep the weights of eight units each (lstm_sequence.cl).</summary>
    readonly record struct LstmSequence(GpuKernel Kernel, GpuGrid Grid, GpuArgument Memory)
    {
        // lstm_sequence.cl: UNITS, SLOTS, ITEMS, SLOTS*MOST_ROWS, and PARTS in bytes.
        const int Units = 8, NarrowRows = 16, Items = Units * NarrowRows, WideRows = 64, PartsBytes = 2 * WideRows * 36 * sizeof(float);

        /// <summary>The layer's spread; null where its groups cannot all run at the same time.</summary>
        /// <remarks>Few rows have the kernel in which each work-item has one of them, as long as there are groups for it.</remarks>
        public static LstmSequence? Of(GpuDevice device, in LstmShape shape, GpuKernel narrow, GpuKernel wide)
        {
            if (shape.Steps < 1 || shape.Rows < 1) return null;

            // A step's tiles have the tensor cores.
            if (device._precision != ComputePrecision.Fp32) return null;
            var bytes = PartsBytes + ((long)shape.Units * Units * 4 * sizeof(float));
            if (bytes > int.MaxValue) return null;
            var groups = (shape.Units + Units - 1) / Units;
            var narrowBlocks = (shape.Rows + NarrowRows - 1) / NarrowRows;
            if ((long)groups * narrowBlocks <= GroupsAtOnce(narrow)) return new(narrow, new(groups, narrowBlocks, Items, 1), GpuArgument.Local((int)bytes));
            var most = GroupsAtOnce(wide);
            if (groups > most) return null;
            return new(wide, new(groups, Math.Min((shape.Rows + WideRows - 1) / WideRows, most / groups), Items, 1), GpuArgument.Local((int)bytes));

            int GroupsAtOnce(GpuKernel kernel)
            {
                var found = device._runtime.GroupsAtOnce(kernel, Items, (int)bytes);
                return found > 0 ? device._groupsAtOnce ?? found : 0;
            }
        }
    }
}
