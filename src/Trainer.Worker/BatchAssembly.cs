using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Lays shards side by side into one time-major batch. Memory grows to the largest batch and is kept.</summary>
public sealed class BatchAssembly
{
    readonly HostArray<int> _tokens = new(), _characters = new(), _lengths = new(), _classes = new();
    readonly HostArray<float> _features = new(), _values = new();
    ShardRows[] _shards = [];
    BatchShape _shape;
    int _targetSteps;

    /// <summary>The rows of each shard.</summary>
    public IReadOnlyList<ShardRows> Shards => _shards;

    /// <summary>The batch, until the next <see cref="Gather"/>.</summary>
    public Batch Batch => new()
    {
        Shape = _shape,
        Tokens = _tokens.Span,
        Characters = _characters.Span,
        Features = _features.Span,
        Lengths = _lengths.Span,
        TargetSteps = _targetSteps,
        Classes = _classes.Span,
        Values = _values.Span,
        Shards = _shards,
    };

    /// <summary>Takes in the shards of a round.</summary>
    /// <param name="shards">Shards of the same round, ascending. Their payloads stay the caller's.</param>
    /// <exception cref="ArgumentException">They differ in length, or in what they hold.</exception>
    public void Gather(IReadOnlyList<ShardBatch> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        _shape = new BatchShape(shards[0].Shape.Steps, RowsOf(shards));
        _targetSteps = shards[0].TargetSteps;
        if (_shards.Length != shards.Count) _shards = new ShardRows[shards.Count];
        var first = 0;
        for (var index = 0; index < shards.Count; index++)
        {
            var (steps, rows) = (shards[index].Shape.Steps, shards[index].Shape.Rows);
            if (steps != _shape.Steps || shards[index].TargetSteps != _targetSteps)
                throw new ArgumentException("the shards of an assignment have different lengths", nameof(shards));
            _shards[index] = new ShardRows(shards[index].Shard, new RowRange(first, rows));
            first += rows;
        }

        Interleave(shards, static shard => shard.Tokens, _shape.Steps, _tokens);
        Interleave(shards, static shard => shard.Characters, _shape.Steps, _characters);
        Interleave(shards, static shard => shard.Features, _shape.Steps, _features);
        Interleave(shards, static shard => shard.Lengths, 1, _lengths);
        Interleave(shards, static shard => shard.Classes, _targetSteps, _classes);
        Interleave(shards, static shard => shard.Values, _targetSteps, _values);
    }

    static int RowsOf(IReadOnlyList<ShardBatch> shards)
    {
        var rows = 0;
        for (var index = 0; index < shards.Count; index++) rows += shards[index].Shape.Rows;
        return rows;
    }

    /// <summary>From [steps,rows,width] of each shard to [steps,N,width]; the width follows from the length.</summary>
    void Interleave<T>(IReadOnlyList<ShardBatch> shards, Func<ShardBatch, Payload<T>?> part, int steps, HostArray<T> target)
        where T : unmanaged
    {
        var perRow = part(shards[0])?.Length / shards[0].Shape.Rows ?? 0;
        var width = perRow / steps;
        target.Resize(perRow * _shape.Rows);
        for (var index = 0; index < shards.Count; index++)
        {
            var (payload, rows) = (part(shards[index]), _shards[index].Rows);
            if ((payload?.Length ?? 0) != steps * width * rows.Count)
                throw new ArgumentException("the shards of an assignment hold different things, or not what their extent says", nameof(shards));
            for (var step = 0; width > 0 && step < steps; step++)
            {
                payload!.Span.Slice(step * rows.Count * width, rows.Count * width)
                    .CopyTo(target.Span[(((step * _shape.Rows) + rows.First) * width)..]);
            }
        }
    }

    /// <summary>An array that keeps its largest size.</summary>
    sealed class HostArray<T>
    {
        T[] _elements = [];
        int _length;

        public Span<T> Span => _elements.AsSpan(0, _length);

        public void Resize(int length)
        {
            if (_elements.Length < length) _elements = new T[length];
            _length = length;
        }
    }
}
