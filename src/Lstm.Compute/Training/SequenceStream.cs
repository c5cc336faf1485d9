using System.Diagnostics.CodeAnalysis;

namespace LstmCluster.Compute;

/// <summary>Sequences that come in one step at a time: each step is answered at once, and the state stays in the stream.</summary>
/// <remarks>
/// The answers have the bits that the whole sequence would give at that step; with <see cref="Pooling.Last"/> those of the sequence up to it. A step costs one pass
/// over the weights, whatever came before, and allocates nothing. A stream sees the weights that its network has at the time of the step.
/// </remarks>
[SuppressMessage("Naming", "CA1711", Justification = "A stream of time steps, as the field calls it; none of bytes.")]
public sealed class SequenceStream : IDisposable
{
    readonly Network _network;
    readonly SequenceModel _model;
    readonly SequenceRun _run;
    readonly float[] _states, _outputs;

    // Rows that have not begun start from the initial state, which may be learned.
    readonly bool[] _hasState;

    internal SequenceStream(Network network, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        _model = network.Model as SequenceModel ?? throw new InvalidOperationException($"a {network.Model.GetType().Name} cannot be fed one step at a time");
        if (_model.Pooling is Pooling.Mean or Pooling.Max)
            throw new InvalidOperationException($"{_model.Pooling} pooling needs the whole sequence: only a model without pooling, or that takes the last step, can be fed one step at a time");
        for (var index = 0; index < _model.Body.Count; index++)
            if (!_model.Body[index].IsCausal)
                throw new InvalidOperationException($"body[{index}] needs later inputs for its outputs: the model cannot be fed one step at a time");
        _network = network;
        Rows = rows;
        _run = new SequenceRun(_model, network.Device);
        _states = new float[rows * _model.StateSize];
        _outputs = new float[rows * _model.Outputs];
        _hasState = new bool[rows];
    }

    /// <summary>N, sequences side by side.</summary>
    public int Rows { get; }

    /// <summary>Feeds one token to each sequence.</summary>
    /// <param name="tokens">[N].</param>
    /// <returns>[N,outputs], valid until the next call: scores of classes before the softmax, or values.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A token lies outside of the vocabulary.</exception>
    /// <exception cref="ArgumentException">There are not N tokens, or the model takes features.</exception>
    public ReadOnlySpan<float> Next(params ReadOnlySpan<int> tokens)
    {
        Step(new Batch { Shape = new BatchShape(1, Rows), Tokens = tokens });
        return _outputs;
    }

    /// <summary>Feeds one step's features to each sequence.</summary>
    /// <param name="features">[N,D].</param>
    /// <returns>[N,outputs], valid until the next call: scores of classes before the softmax, or values.</returns>
    /// <exception cref="ArgumentException">There are not N times D features, or the model takes tokens.</exception>
    public ReadOnlySpan<float> Next(params ReadOnlySpan<float> features)
    {
        Step(new Batch { Shape = new BatchShape(1, Rows), Features = features });
        return _outputs;
    }

    /// <summary>Lets all sequences begin again.</summary>
    public void Reset() => Array.Clear(_hasState);

    /// <summary>Lets one sequence begin again.</summary>
    /// <param name="row">Which.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sequence.</exception>
    public void Reset(int row)
    {
        if (row < 0 || row >= Rows) throw new ArgumentOutOfRangeException(nameof(row), row, $"a row must be in 0..{Rows - 1}");
        _hasState[row] = false;
    }

    /// <summary>Copies the state of a sequence, to go on from it later or elsewhere.</summary>
    /// <param name="row">Which.</param>
    /// <param name="state">[StateSize] of the model.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sequence.</exception>
    /// <exception cref="ArgumentException">The state is of another size.</exception>
    /// <exception cref="InvalidOperationException">The sequence has not begun.</exception>
    public void ReadState(int row, Span<float> state)
    {
        RunChecks.RequireState(row, Rows, state, _model);
        if (!_hasState[row]) throw new InvalidOperationException($"sequence {row} has not begun, so it has no state yet");
        StateOf(row).CopyTo(state);
    }

    /// <summary>Lets a sequence go on from a state.</summary>
    /// <param name="row">Which.</param>
    /// <param name="state">[StateSize] of the model.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sequence.</exception>
    /// <exception cref="ArgumentException">The state is of another size.</exception>
    public void WriteState(int row, ReadOnlySpan<float> state)
    {
        RunChecks.RequireState(row, Rows, state, _model);
        state.CopyTo(StateOf(row));
        _hasState[row] = true;
    }

    /// <summary>Frees the memory; the network stays.</summary>
    public void Dispose() => _run.Dispose();

    void Step(in Batch batch)
    {
        _run.Load(batch);
        for (var row = 0; row < Rows; row++)
            if (_hasState[row])
                _run.WriteState(row, StateOf(row));
        _run.Forward(_network.Prepared(training: false), training: false);
        for (var row = 0; row < Rows; row++) _run.ReadState(row, StateOf(row));
        Array.Fill(_hasState, true);
        _run.ReadOutputs(_outputs);
    }

    Span<float> StateOf(int row) => _states.AsSpan(row * _model.StateSize, _model.StateSize);
}
