namespace LstmCluster.Compute.Cpu;

/// <summary>The operations of <see cref="CpuDevice"/> in one vector width: checks lengths, then calls the kernel.</summary>
sealed unsafe partial class CpuDevice<V> : CpuDevice
    where V : struct, ILanes<V>
{
    public CpuDevice()
        : this(new HostMemory(), new HostMemory())
    {
    }

    /// <summary>A device with memory of another kind.</summary>
    /// <param name="memory">For what it gives out.</param>
    /// <param name="working">For what its kernels share.</param>
    public CpuDevice(HostMemory memory, HostMemory working)
        : base(memory, working)
    {
    }

    public override int VectorWidth => V.Count;

    public override PreparedMatrix AllocatePrepared(int rows, int columns, MatrixUse use) => new CpuPreparedMatrix<V>(rows, columns, use, Memory);

    public override void Prepare(DeviceSpan matrix, PreparedMatrix target)
    {
        var source = matrix.At((long)target.Rows * target.Columns);
        var panels = Panels(target);
        if (target.Use == MatrixUse.Forward)
            Panels<V>.PackTransposed(source, target.Outer, target.Inner, panels);
        else
            Panels<V>.PackPlain(source, target.Inner, target.Outer, panels);
        Scratch.Round(panels, Panels<V>.RightLength(target.Inner, target.Outer));
    }

    public override void Multiply(DeviceSpan x, int rows, PreparedMatrix b, DeviceSpan y, DeviceSpan bias, bool accumulate)
    {
        var start = accumulate ? null : bias.IsEmpty ? Scratch.Zeros(b.Outer) : bias.At(b.Outer);
        Product<V>.Run(
            rows, b.Inner, b.Outer, LeftOperand.Rows<V>(x.At((long)rows * b.Inner), rows, b.Inner, Scratch), Panels(b), start, y.At((long)rows * b.Outer),
            add: false);
    }

    public override void LinearGradient(
        BatchShape shape, RowRange rows, DeviceSpan outputGradient, int outputs, DeviceSpan input, int inputs,
        DeviceSpan kernelGradient, DeviceSpan biasGradient, bool accumulate)
    {
        Check(rows, shape.Rows);
        var dy = outputGradient.At((long)shape.Positions * outputs);
        var x = input.At((long)shape.Positions * inputs);
        var kernel = kernelGradient.At((long)outputs * inputs);
        var over = SummedRows.InTime(shape, rows, accumulate ? Summation.Add : Summation.Write);
        if (inputs > 0) LinearGradient<V>.Run(over, dy, outputs, x, inputs, kernel, null, 0, null, Scratch);
        if (!biasGradient.IsEmpty) LinearGradient<V>.ColumnSums(over, dy, outputs, biasGradient.At(outputs), Scratch);
    }

    public override void LstmForward(in LstmShape shape, in LstmWeights weights, in LstmActivations activations)
    {
        Check(weights.Forward, shape.GateRows, shape.Inputs);
        Check(weights.RecurrentForward, shape.GateRows, shape.Outputs);
        LstmForward<V>.Run(
            shape, Panels(weights.Forward), Panels(weights.RecurrentForward), Projection(weights.ProjectionForward, shape),
            new LstmMemory(shape, weights, activations), Scratch);
    }

    public override void LstmBackward(in LstmShape shape, in LstmWeights weights, in LstmActivations activations, in LstmGradients gradients)
    {
        if (weights.Backward is null || weights.RecurrentBackward is null)
            throw new ArgumentException("the weights were prepared for inference only", nameof(weights));
        Check(weights.Backward, shape.GateRows, shape.Inputs);
        Check(weights.RecurrentBackward, shape.GateRows, shape.Outputs);
        LstmBackward<V>.Run(
            shape, Panels(weights.Backward), Panels(weights.RecurrentBackward), Projection(weights.ProjectionBackward, shape),
            new LstmMemory(shape, weights, activations), new LstmGradientMemory(shape, gradients), Scratch);
    }

    public override void LstmWeightGradient(
        in LstmShape shape, RowRange rows, in LstmActivations activations, in LstmGradients gradients, in LstmParameters parameters, Summation sum)
    {
        Check(rows, shape.Rows);
        var memory = new LstmMemory(shape, activations);

        // Normalisation alone gives rows that have ended something that is no zero.
        var over = SummedRows.InSegments(shape, rows, sum) with { Lengths = shape.Options.LayerNorm ? default : memory.Lengths };
        LstmWeightGradient<V>.Run(shape, over, memory, new LstmGradientMemory(shape, gradients), parameters, Scratch);
    }

    public override void EmbeddingGradient(
        BatchShape shape, RowRange rows, int width, DeviceIndices tokens, DeviceSpan outputGradient, DeviceSpan tableGradient)
    {
        Check(rows, shape.Rows);
        var table = tableGradient.At(tableGradient.Length);
        var dy = outputGradient.At((long)shape.Positions * width);
        var ids = tokens.At(shape.Positions);
        var vocabulary = tableGradient.Length / width;
        new Span<float>(table, tableGradient.Length).Clear();
        for (var t = 0; t < shape.Steps; t++)
        {
            for (var n = rows.First; n < rows.First + rows.Count; n++)
            {
                var position = (nint)((t * shape.Rows) + n);
                if ((uint)ids[position] >= (uint)vocabulary)
                    throw new ArgumentOutOfRangeException(nameof(tokens), ids[position], $"a token must be below the vocabulary size {vocabulary}");
                Elementwise.Run<V, AddKernel>(new(table + ((nint)ids[position] * width), dy + (position * width)), width);
            }
        }
    }

    public override void Add(DeviceSpan target, DeviceSpan other) =>
        Elementwise.Run<V, AddKernel>(new(target.At(target.Length), other.At(target.Length)), target.Length);

    public override void Scale(DeviceSpan target, float factor) =>
        Elementwise.Run<V, ScaleKernel>(new(target.At(target.Length), factor), target.Length);

    public override void Clamp(DeviceSpan target, float limit) =>
        Elementwise.Run<V, ClampKernel>(new(target.At(target.Length), limit), target.Length);

    public override void Dropout(in DropoutMask mask, BatchShape shape, DeviceIndices rowKeys, int width, DeviceSpan input, DeviceSpan output)
    {
        var length = (long)shape.Positions * width;
        Dropout<V>.Run(mask, shape, rowKeys.At(2L * shape.Rows), width, input.At(length), output.At(length), Scratch);
    }

    static float* Projection(PreparedMatrix? matrix, in LstmShape shape)
    {
        if (shape.Options.Projection == 0) return null;
        if (matrix is null) throw new ArgumentException("the projection was not prepared", nameof(matrix));
        Check(matrix, shape.Outputs, shape.Units);
        return Panels(matrix);
    }

    static float* Panels(PreparedMatrix matrix) => ((CpuPreparedMatrix<V>)matrix).Panels;

    static void Check(PreparedMatrix matrix, int rows, int columns)
    {
        if (matrix.Rows != rows || matrix.Columns != columns)
            throw new ArgumentException($"the prepared matrix is [{matrix.Rows},{matrix.Columns}] where the layer takes [{rows},{columns}]", nameof(matrix));
    }

    static void Check(RowRange rows, int batchRows)
    {
        if (rows.First < 0 || rows.Count < 0 || rows.First > batchRows - rows.Count)
            throw new ArgumentOutOfRangeException(nameof(rows), rows, $"the rows must lie within the {batchRows} rows of the batch");
    }
}

/// <summary>A weight matrix packed into the panels of <see cref="ProductTile{V}"/>.</summary>
sealed unsafe class CpuPreparedMatrix<V> : PreparedMatrix
    where V : struct, ILanes<V>
{
    readonly NativeBlock _block;

    public CpuPreparedMatrix(int rows, int columns, MatrixUse use, HostMemory memory)
        : base(rows, columns, use) =>
        _block = new NativeBlock((nuint)Panels<V>.RightLength(Inner, Outer) * sizeof(float), memory);

    public float* Panels => (float*)_block.Pointer;

    protected override void Dispose(bool disposing) => _block.Dispose();
}
