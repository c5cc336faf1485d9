using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>Backward of <see cref="LstmVariantForward{V}"/>, one step.</summary>
readonly unsafe struct LstmVariantBackward<V>
    where V : struct, ILanes<V>
{
    readonly LstmShape _shape;
    readonly LstmMemory _memory;
    readonly LstmGradientMemory _gradients;
    readonly float* _dropoutFactors, _carry, _product, _cellOutput, _normGradient;
    readonly uint* _words, _cellWords;
    readonly float* _zeros;
    readonly Scratch _scratch;

    public LstmVariantBackward(in LstmShape shape, in LstmMemory memory, in LstmGradientMemory gradients, Scratch scratch)
    {
        (_shape, _memory, _gradients, _scratch) = (shape, memory, gradients, scratch);
        var options = shape.Options;
        var state = shape.Rows * shape.Outputs;
        var words = RecurrentMasks<V>.WordsLength(Math.Max(shape.Units, shape.Outputs));
        var at = scratch.Floats((3L * state) + ((long)shape.Rows * shape.Units) + shape.Units + (2 * words));
        _dropoutFactors = at;
        _carry = at + state;
        _product = at + (2 * state);
        _cellOutput = at + (3 * state);
        _normGradient = _cellOutput + ((nint)shape.Rows * shape.Units);
        _words = (uint*)(_normGradient + shape.Units);
        _cellWords = _words + words;
        _zeros = scratch.Zeros(Math.Max(shape.Outputs, shape.Units));
        if (options.RecurrentDropout > 0)
            RecurrentMasks<V>.Factors(memory.Pass, memory.RowKeys, options.RecurrentDropout, options.MaskStream, shape.Rows, shape.Outputs, _dropoutFactors, _words);
    }

    /// <summary>Nothing comes from an output beyond a row's length, whatever stands there.</summary>
    public void ClearPadding()
    {
        if (_memory.Lengths.AreFull) return;
        for (var t = 0; t < _shape.Steps; t++)
        {
            for (var n = 0; n < _shape.Rows; n++)
                if (_memory.Lengths.IsPadded(t, n))
                    new Span<float>(OfOutputs(_gradients.Output, t, n), _shape.Outputs).Clear();
        }
    }

    /// <summary>True when some of dh passes by a step on another way than the recurrent product.</summary>
    public bool Carries => !_memory.Lengths.AreFull || _shape.Options.ZoneoutHidden > 0;

    /// <summary>All of a step but the recurrent product.</summary>
    /// <param name="projection">P, packed for <c>dr P</c>; null without projection.</param>
    /// <param name="time">The step.</param>
    /// <param name="dhBefore">Gradient of the hidden state before, [N,P], to be added to.</param>
    public void Step(float* projection, RecurrentTime time, float* dhBefore)
    {
        for (var n = 0; n < _shape.Rows && Carries; n++) Hidden(time, n);
        if (projection != null) Project(projection, time);
        for (var n = 0; n < _shape.Rows; n++)
            if (!_memory.Lengths.IsPadded(time.T, n))
                Cell(time, n);
            else if (_gradients.CellNorm != null)
                new Span<float>(OfUnits(_gradients.CellNorm, time.T, n), _shape.Units).Clear();

        if (Carries) Elementwise.Run<V, AddKernel>(new(dhBefore, _carry), _shape.Rows * _shape.Outputs);
        if (_shape.Options.LayerNorm) Normalize(time);
    }

    /// <summary><c>dh += m*(dp U)</c> for the step before, dp the gradient of the recurrent product.</summary>
    /// <param name="recurrentKernel">U, packed for <c>dp U</c>.</param>
    /// <param name="product">dp, [N,GH].</param>
    /// <param name="dhBefore">Gradient of the hidden state before, [N,P], to be added to.</param>
    /// <param name="step">T of dp: of rows that have ended by then it is zero; null for one beyond the operands.</param>
    public void RecurrentProduct(float* recurrentKernel, float* product, float* dhBefore, int? step)
    {
        var (rows, outputs, gateRows) = (_shape.Rows, _shape.Outputs, _shape.GateRows);
        if (step is { } t && _shape.Options is { RecurrentDropout: 0, LayerNorm: false })
        {
            RaggedProduct<V>.Run(_memory.Lengths, new TimeWindow(t, 1), rows, gateRows, outputs, product, recurrentKernel, null, dhBefore, _scratch);
            return;
        }

        var operand = LeftOperand.Rows<V>(product, rows, gateRows, _scratch);
        if (_shape.Options.RecurrentDropout == 0)
        {
            Product<V>.Run(rows, gateRows, outputs, operand, recurrentKernel, null, dhBefore, add: false);
            return;
        }

        Product<V>.Run(rows, gateRows, outputs, operand, recurrentKernel, _zeros, _product, add: false);
        Elementwise.Run<V, MultiplyAdded>(new(_product, _dropoutFactors, dhBefore), rows * outputs);
    }

    float* Gates(int t, int n) => _memory.Gates + ((((nint)t * _shape.Rows) + n) * _shape.GateRows);

    float* OfUnits(float* states, int slot, int n) => states + ((((nint)slot * _shape.Rows) + n) * _shape.Units);

    float* OfOutputs(float* states, int slot, int n) => states + ((((nint)slot * _shape.Rows) + n) * _shape.Outputs);

    /// <summary>What of dh passes by the step: all of it for a row that has ended, the old value's share with zoneout.</summary>
    void Hidden(RecurrentTime time, int n)
    {
        var outputs = _shape.Outputs;
        float* dh = OfOutputs(_gradients.Output, time.T, n), carry = _carry + ((nint)n * outputs);
        if (_memory.Lengths.IsPadded(time.T, n))
        {
            new ReadOnlySpan<float>(dh, outputs).CopyTo(new Span<float>(carry, outputs));
            new Span<float>(dh, outputs).Clear();
        }
        else if (_shape.Options.ZoneoutHidden > 0)
        {
            Elementwise.Run<V, ZoneoutGradientKernel>(new(Zoneout(_shape.Options.ZoneoutHidden, 1, time.T, n, outputs, _words), dh, carry), outputs);
        }
        else
        {
            new Span<float>(carry, outputs).Clear();
        }
    }

    /// <summary><c>dh~ = dr P</c>.</summary>
    void Project(float* projection, RecurrentTime time) => Product<V>.Run(
        _shape.Rows, _shape.Outputs, _shape.Units, LeftOperand.Rows<V>(OfOutputs(_gradients.Output, time.T, 0), _shape.Rows, _shape.Outputs, _scratch),
        projection, _zeros, _cellOutput, add: false);

    /// <summary>dz of one row in place of its gates, dc of the step before in place of dc.</summary>
    void Cell(RecurrentTime time, int n)
    {
        var (options, units) = (_shape.Options, _shape.Units);
        var z = Gates(time.T, n);
        var dh = _memory.CellOutput != null ? _cellOutput + ((nint)n * units) : OfUnits(_gradients.Output, time.T, n);
        var updated = _memory.NewCells != null ? OfUnits(_memory.NewCells, time.T, n) : OfUnits(_memory.Cells, time.After, n);
        if (options.LayerNorm)
        {
            var normalized = OfUnits(_memory.CellNormalized, time.T, n);
            var dm = OfUnits(_gradients.CellNorm, time.T, n);
            Elementwise.Run<V, LstmNormalizedOutputGradient>(
                new(z + ((nint)(options.GateCount - 1) * units), normalized, _memory.CellNorm, _memory.CellNorm + units, dh, dm), units);
            LayerNormRow<V>.Backward(
                normalized, _memory.InverseDeviations[(((3 * (nint)time.T) + 2) * _shape.Rows) + n], _memory.CellNorm, dm, _normGradient, units);
        }

        var zoneout = options.ZoneoutCell > 0 ? Zoneout(options.ZoneoutCell, 2, time.T, n, units, _cellWords) : default;
        Elementwise.Run<V, LstmVariantGatesGradient>(
            new(z, units, options.CoupledInputForget, OfUnits(_memory.Cells, time.Before, n), updated, _memory.Peephole, options.CellClip,
                options.LayerNorm ? _normGradient : null, dh, _gradients.FinalCell + ((nint)n * units), zoneout, options.ZoneoutCell > 0),
            units);
    }

    /// <summary>dz to the gradient of the recurrent product, through its normalisation.</summary>
    void Normalize(RecurrentTime time)
    {
        var (rows, gateRows) = (_shape.Rows, _shape.GateRows);
        for (var n = 0; n < rows; n++)
        {
            var at = (((nint)time.T * rows) + n) * gateRows;
            LayerNormRow<V>.Backward(
                _memory.RecurrentNormalized + at, _memory.InverseDeviations[(((3 * (nint)time.T) + 1) * rows) + n], _memory.RecurrentNorm,
                _memory.Gates + at, _gradients.RecurrentProduct + at, gateRows);
        }
    }

    Zoneout Zoneout(float rate, uint stream, int t, int n, int width, uint* words) => new(
        _memory.Pass.Training
            ? RecurrentMasks<V>.Words(_memory.Pass, _memory.RowKeys, n, _shape.Options.MaskStream + stream, _memory.Pass.FirstStep + t, width, words)
            : null,
        new DropoutMask(rate, 0, 0).Threshold, rate);
}

/// <summary>Backward of <see cref="LstmNormalizedOutput"/>: the gradient of the output gate's pre-activation in place of o, and of what tanh is taken of.</summary>
readonly unsafe struct LstmNormalizedOutputGradient(float* o, float* normalized, float* gain, float* shift, float* dh, float* dm) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V>
    {
        var one = V.Splat(1f);
        var gate = V.Load(o + index);
        var d = V.Load(dh + index);
        var tanh = Transcendental.Tanh(V.MultiplyAdd(V.Load(gain + index), V.Load(normalized + index), V.Load(shift + index)));
        V.Store(d * gate * (one - (tanh * tanh)), dm + index);
        V.Store(d * tanh * (gate * (one - gate)), o + index);
    }
}

/// <summary>Backward of <see cref="LstmVariantGates"/>: dz in place of the gates, dc of the step before in place of dc.</summary>
/// <remarks>With a normalised cell the output gate's gradient stands in its place already, and <c>normGradient</c> is what came through the normalisation.</remarks>
readonly unsafe struct LstmVariantGatesGradient(
    float* gates, int units, bool coupled, float* cell, float* newCell, float* peephole, float clip, float* normGradient, float* dh, float* dc,
    Zoneout zoneout, bool zoned) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V>
    {
        var one = V.Splat(1f);
        var at = gates + index;
        var atG = at + ((coupled ? 1 : 2) * (nint)units);
        var atO = atG + units;
        var i = V.Load(at);
        var f = coupled ? one - i : V.Load(at + units);
        var g = V.Load(atG);
        var c = V.Load(cell + index);
        var n = V.Load(newCell + index);

        var dcell = V.Load(dc + index);
        var carry = V.Splat(0f);
        if (zoned)
        {
            carry = zoneout.Old(index, dcell);
            dcell = zoneout.New(index, dcell);
        }

        V dzo;
        if (normGradient != null)
        {
            dzo = V.Load(atO);
            dcell += V.Load(normGradient + index);
        }
        else
        {
            var o = V.Load(atO);
            var tanh = Transcendental.Tanh(n);
            var dhidden = V.Load(dh + index);
            dzo = dhidden * tanh * (o * (one - o));
            dcell = V.MultiplyAdd(dhidden * o, one - (tanh * tanh), dcell);
            V.Store(dzo, atO);
        }

        if (peephole != null) dcell = V.MultiplyAdd(dzo, V.Load(peephole + ((coupled ? 1 : 2) * (nint)units) + index), dcell);
        if (clip > 0) dcell = V.SelectLess(V.Abs(n), V.Splat(clip), dcell, V.Splat(0f));

        var dzi = (coupled ? dcell * (g - c) : dcell * g) * (i * (one - i));
        V.Store(dzi, at);
        V.Store(dcell * i * (one - (g * g)), atG);
        var dbefore = dcell * f;
        if (peephole != null) dbefore = V.MultiplyAdd(dzi, V.Load(peephole + index), dbefore);
        if (!coupled)
        {
            var dzf = dcell * c * (f * (one - f));
            V.Store(dzf, at + units);
            if (peephole != null) dbefore = V.MultiplyAdd(dzf, V.Load(peephole + units + index), dbefore);
        }

        if (zoned) dbefore += carry;
        V.Store(dbefore, dc + index);
    }
}

readonly unsafe struct MultiplyAdded(float* a, float* b, float* target) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V> => V.Store(V.MultiplyAdd(V.Load(a + index), V.Load(b + index), V.Load(target + index)), target + index);
}
