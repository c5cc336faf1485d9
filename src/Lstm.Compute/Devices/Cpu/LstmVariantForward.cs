using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>One step of an LSTM with any options and with rows of different lengths (<see cref="LstmOptions"/> has the equations).</summary>
readonly unsafe struct LstmVariantForward<V>
    where V : struct, ILanes<V>
{
    readonly LstmShape _shape;
    readonly LstmMemory _memory;
    readonly float* _dropoutFactors;
    readonly uint* _words;
    readonly float* _zeros;
    readonly Scratch _scratch;

    public LstmVariantForward(in LstmShape shape, in LstmMemory memory, Scratch scratch)
    {
        (_shape, _memory, _scratch) = (shape, memory, scratch);
        var factors = shape.Options.RecurrentDropout > 0 ? shape.Rows * shape.Outputs : 0;
        _dropoutFactors = scratch.Floats(factors + RecurrentMasks<V>.WordsLength(Math.Max(shape.Units, shape.Outputs)));
        _words = (uint*)(_dropoutFactors + factors);
        _zeros = scratch.Zeros(Math.Max(shape.GateRows, shape.Outputs));
        if (factors == 0) return;
        RecurrentMasks<V>.Factors(
            memory.Pass, memory.RowKeys, shape.Options.RecurrentDropout, shape.Options.MaskStream, shape.Rows, shape.Outputs, _dropoutFactors, _words);
    }

    public void Step(float* recurrentKernel, float* projection, RecurrentTime time)
    {
        RecurrentProduct(recurrentKernel, time);
        for (var n = 0; n < _shape.Rows; n++)
        {
            if (_memory.Lengths.IsPadded(time.T, n)) HoldCell(time, n);
            else Cell(time, n);
        }

        if (projection != null) Project(projection, time);
        for (var n = 0; n < _shape.Rows; n++) Hidden(time, n);
    }

    float* Gates(int t, int n) => _memory.Gates + ((((nint)t * _shape.Rows) + n) * _shape.GateRows);

    float* OfUnits(float* states, int slot, int n) => states + ((((nint)slot * _shape.Rows) + n) * _shape.Units);

    float* OfOutputs(float* states, int slot, int n) => states + ((((nint)slot * _shape.Rows) + n) * _shape.Outputs);

    /// <summary><c>z += m*h U^T</c>, normalised first if the layer does.</summary>
    void RecurrentProduct(float* recurrentKernel, RecurrentTime time)
    {
        var (rows, outputs, gateRows) = (_shape.Rows, _shape.Outputs, _shape.GateRows);
        var h = OfOutputs(_memory.Hidden, time.Before, 0);
        if (_memory.MaskedHidden != null)
        {
            var masked = OfOutputs(_memory.MaskedHidden, time.T, 0);
            Elementwise.Run<V, Multiplied>(new(h, _dropoutFactors, masked), rows * outputs);
            h = masked;
        }

        if (!_shape.Options.LayerNorm)
        {
            RaggedProduct<V>.Run(_memory.Lengths, new TimeWindow(time.T, 1), rows, outputs, gateRows, h, recurrentKernel, null, Gates(time.T, 0), _scratch);
            return;
        }

        var left = LeftOperand.Rows<V>(h, rows, outputs, _scratch);
        var product = _memory.RecurrentNormalized + ((nint)time.T * rows * gateRows);
        Product<V>.Run(rows, outputs, gateRows, left, recurrentKernel, _zeros, product, add: false);
        var inverse = _memory.InverseDeviations + (((3 * (nint)time.T) + 1) * rows);
        for (var n = 0; n < rows; n++)
        {
            var row = product + ((nint)n * gateRows);
            inverse[n] = LayerNormRow<V>.Forward(row, gateRows);
            LayerNormRow<V>.Scale(row, _memory.RecurrentNorm, Gates(time.T, n), Gates(time.T, n), gateRows);
        }
    }

    /// <summary>Gates, new cell and h~ of one row.</summary>
    void Cell(RecurrentTime time, int n)
    {
        var (options, units) = (_shape.Options, _shape.Units);
        var z = Gates(time.T, n);
        var cell = OfUnits(_memory.Cells, time.Before, n);
        var next = OfUnits(_memory.Cells, time.After, n);
        var updated = _memory.NewCells != null ? OfUnits(_memory.NewCells, time.T, n) : next;
        var output = Output(time, n);
        Elementwise.Run<V, LstmVariantGates>(
            new(z, units, options.CoupledInputForget, cell, updated, _memory.Peephole, options.CellClip, options.LayerNorm ? null : output), units);
        if (options.LayerNorm)
        {
            var normalized = OfUnits(_memory.CellNormalized, time.T, n);
            Copy(updated, normalized, units);
            _memory.InverseDeviations[(((3 * (nint)time.T) + 2) * _shape.Rows) + n] = LayerNormRow<V>.Forward(normalized, units);
            Elementwise.Run<V, LstmNormalizedOutput>(
                new(z + ((nint)(options.GateCount - 1) * units), normalized, _memory.CellNorm, _memory.CellNorm + units, output), units);
        }

        if (_memory.NewCells != null)
            Elementwise.Run<V, ZoneoutKernel>(new(Zoneout(options.ZoneoutCell, 2, time.T, n, units), cell, updated, next), units);
    }

    /// <summary>Where h~ of a row goes: straight to the hidden state without projection.</summary>
    float* Output(RecurrentTime time, int n) =>
        _memory.CellOutput != null ? OfUnits(_memory.CellOutput, time.T, n) : OfUnits(_memory.Hidden, time.After, n);

    void Project(float* projection, RecurrentTime time) => Product<V>.Run(
        _shape.Rows, _shape.Units, _shape.Outputs, LeftOperand.Rows<V>(OfUnits(_memory.CellOutput, time.T, 0), _shape.Rows, _shape.Units, _scratch), projection,
        _zeros, OfOutputs(_memory.Hidden, time.After, 0), add: false);

    /// <summary>Zoneout of h, or the state of before for a row that has ended.</summary>
    void Hidden(RecurrentTime time, int n)
    {
        var outputs = _shape.Outputs;
        float* before = OfOutputs(_memory.Hidden, time.Before, n), after = OfOutputs(_memory.Hidden, time.After, n);
        if (_memory.Lengths.IsPadded(time.T, n))
            Copy(before, after, outputs);
        else if (_shape.Options.ZoneoutHidden > 0)
            Elementwise.Run<V, ZoneoutKernel>(new(Zoneout(_shape.Options.ZoneoutHidden, 1, time.T, n, outputs), before, after, after), outputs);
    }

    void HoldCell(RecurrentTime time, int n)
    {
        var units = _shape.Units;
        Copy(OfUnits(_memory.Cells, time.Before, n), OfUnits(_memory.Cells, time.After, n), units);
        new Span<float>(Gates(time.T, n), _shape.GateRows).Clear();
        if (_memory.NewCells != null) new Span<float>(OfUnits(_memory.NewCells, time.T, n), units).Clear();
        if (_memory.CellOutput != null) new Span<float>(OfUnits(_memory.CellOutput, time.T, n), units).Clear();
        if (_memory.CellNormalized == null) return;
        new Span<float>(OfUnits(_memory.CellNormalized, time.T, n), units).Clear();
        _memory.InverseDeviations[(((3 * (nint)time.T) + 2) * _shape.Rows) + n] = 0f;
    }

    Zoneout Zoneout(float rate, uint stream, int t, int n, int width)
    {
        var words = _memory.Pass.Training
            ? RecurrentMasks<V>.Words(_memory.Pass, _memory.RowKeys, n, _shape.Options.MaskStream + stream, _memory.Pass.FirstStep + t, width, _words)
            : null;
        return new Zoneout(words, new DropoutMask(rate, 0, 0).Threshold, rate);
    }

    static void Copy(float* source, float* target, int count) => new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(target, count));
}

/// <summary>Gates and new cell of one row; h~ too when the cell is not normalised in between.</summary>
readonly unsafe struct LstmVariantGates(
    float* z, int units, bool coupled, float* cell, float* newCell, float* peephole, float clip, float* output) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V>
    {
        var one = V.Splat(1f);
        var at = z + index;
        var atG = at + ((coupled ? 1 : 2) * (nint)units);
        var atO = atG + units;
        var c = V.Load(cell + index);

        var zi = V.Load(at);
        if (peephole != null) zi = V.MultiplyAdd(V.Load(peephole + index), c, zi);
        var i = Transcendental.Sigmoid(zi);
        V.Store(i, at);
        var f = one - i;
        if (!coupled)
        {
            var zf = V.Load(at + units);
            if (peephole != null) zf = V.MultiplyAdd(V.Load(peephole + units + index), c, zf);
            f = Transcendental.Sigmoid(zf);
            V.Store(f, at + units);
        }

        var g = Transcendental.Tanh(V.Load(atG));
        V.Store(g, atG);
        var n = V.MultiplyAdd(f, c, i * g);
        if (clip > 0) n = Lanes.Clamp(n, -clip, clip);
        V.Store(n, newCell + index);

        var zo = V.Load(atO);
        if (peephole != null) zo = V.MultiplyAdd(V.Load(peephole + ((coupled ? 1 : 2) * (nint)units) + index), n, zo);
        var o = Transcendental.Sigmoid(zo);
        V.Store(o, atO);
        if (output != null) V.Store(o * Transcendental.Tanh(n), output + index);
    }
}

/// <summary><c>h~ = o*tanh(gain*normalized + shift)</c>.</summary>
readonly unsafe struct LstmNormalizedOutput(float* o, float* normalized, float* gain, float* shift, float* output) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V>
    {
        var m = V.MultiplyAdd(V.Load(gain + index), V.Load(normalized + index), V.Load(shift + index));
        V.Store(V.Load(o + index) * Transcendental.Tanh(m), output + index);
    }
}

readonly unsafe struct Multiplied(float* a, float* b, float* target) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V> => V.Store(V.Load(a + index) * V.Load(b + index), target + index);
}
