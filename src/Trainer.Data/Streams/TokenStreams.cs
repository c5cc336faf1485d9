using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>
/// A part of a text, cut into as many contiguous streams as a batch has rows. A step takes the next time steps of every stream; the target
/// of a token is the one that follows it. Everything is a pure function of the position.
/// </summary>
public sealed class TokenStreams
{
    readonly TokenSequence _tokens;
    readonly int _start;

    /// <summary>Cuts streams.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="start">First token of the part.</param>
    /// <param name="count">Tokens of the part; one more than the streams hold is needed, since the last has a target too.</param>
    /// <param name="batch">Number of streams, N.</param>
    /// <param name="length">Time steps of a step, T.</param>
    /// <exception cref="ArgumentException">The part is outside the text or too short for one time step of every stream.</exception>
    public TokenStreams(TokenSequence tokens, int start, int count, int batch, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        if (count > tokens.Count - start || (count - 1) / batch < 1)
            throw new ArgumentException($"{count} tokens from {start} are not a part that {batch} streams can be cut from.", nameof(count));
        (_tokens, _start, Batch, Length, StreamLength) = (tokens, start, batch, length, (count - 1) / batch);
    }

    /// <summary>Number of streams, N.</summary>
    public int Batch { get; }

    /// <summary>Time steps of a step, T.</summary>
    public int Length { get; }

    /// <summary>Time steps of a stream.</summary>
    public int StreamLength { get; }

    /// <summary>Target tokens of all streams.</summary>
    public long TokenCount => (long)Batch * StreamLength;

    /// <summary>Whole steps of a pass; what is left at a stream's end is not trained on. 0 when the streams are shorter than a step.</summary>
    public int StepsPerEpoch => StreamLength / Length;

    /// <summary>Where the step with this number begins.</summary>
    /// <param name="step">Steps done before, from 0.</param>
    public DataPosition PositionOf(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        RequireSteps();
        return new DataPosition(step / StepsPerEpoch, (int)(step % StepsPerEpoch) * Length);
    }

    /// <summary>Where the step that follows the one at a position begins.</summary>
    /// <param name="position">A position in these streams.</param>
    /// <exception cref="ArgumentException">No step begins at the position.</exception>
    public DataPosition After(DataPosition position)
    {
        RequireSteps();
        if (position.Epoch < 0 || position.Offset < 0 || position.Offset % Length != 0 || (long)position.Offset + Length > StreamLength)
            throw new ArgumentException($"No step begins at {position} in streams of {StreamLength} tokens.", nameof(position));
        var next = position.Offset + Length;
        return (long)next + Length > StreamLength ? new DataPosition(position.Epoch + 1, 0) : position with { Offset = next };
    }

    /// <summary>Copies tokens and targets of some rows, time-major.</summary>
    /// <param name="position">First time step.</param>
    /// <param name="length">Number of time steps, T.</param>
    /// <param name="firstRow">First row.</param>
    /// <param name="rowCount">Number of rows, n.</param>
    /// <param name="inputs">Token ids, [T,n]. Out only.</param>
    /// <param name="targets">Ids of the tokens that follow, [T,n]. Out only.</param>
    /// <exception cref="ArgumentOutOfRangeException">Time steps or rows are outside the streams.</exception>
    /// <exception cref="ArgumentException">A span has another size than T times n.</exception>
    public void Fill(int position, int length, int firstRow, int rowCount, Span<int> inputs, Span<int> targets)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(rowCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)position + length, StreamLength, nameof(length));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)firstRow + rowCount, Batch, nameof(rowCount));
        if (inputs.Length != (long)length * rowCount || targets.Length != inputs.Length)
            throw new ArgumentException($"{length} time steps of {rowCount} rows do not fill {inputs.Length} inputs and {targets.Length} targets.", nameof(inputs));
        if (length == 0)
            return;
        for (var row = 0; row < rowCount; row++)
        {
            var first = _start + ((firstRow + row) * StreamLength) + position;
            _tokens.Scatter(first, length, inputs[row..], rowCount);
            _tokens.Scatter(first + 1, length, targets[row..], rowCount);
        }
    }

    /// <summary>Consecutive pieces of one whole pass, each a step long but the last, which may be shorter: what validation runs over.</summary>
    public IEnumerable<(int Position, int Length)> Pieces()
    {
        for (var position = 0; position < StreamLength; position += Length)
            yield return (position, Math.Min(Length, StreamLength - position));
    }

    void RequireSteps()
    {
        if (StepsPerEpoch == 0)
            throw new InvalidOperationException($"Streams of {StreamLength} tokens are shorter than one step of {Length}.");
    }
}
