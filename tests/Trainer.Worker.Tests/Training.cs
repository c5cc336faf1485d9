using System.Runtime.InteropServices;
using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Worker.Tests;

/// <summary>A small model with its weights, shards of a batch that follow from their index, and every payload that was handed out.</summary>
sealed class Training : IDisposable
{
    public const ulong Seed = 11;

    /// <summary>The term of everybody in a test.</summary>
    public static Term Term => new(5);

    /// <summary>References that a cache holds to a version in use: the published one, and the pin of its import.</summary>
    public const int ReferencesInUse = 2;

    readonly List<Payload<int>> _tokens = [];
    readonly List<Payload<float>> _states = [];
    readonly List<Payload<float>> _weights = [];

    public Training(int shards = 7, int rows = 2, int steps = 4, int[]? units = null)
    {
        (Shards, Rows, Steps) = (shards, rows, steps);
        Model = SequenceModel.LanguageModel(vocabulary: 9, embedding: 5, units: units ?? [6, 7], dropout: 0.3f);
        Cache = new WeightCache(Model, CpuDevice.Create(), Pool);
    }

    public int Shards { get; }

    public int Rows { get; }

    public int Steps { get; }

    public SequenceModel Model { get; }

    public PayloadPool Pool { get; } = new();

    public WeightCache Cache { get; }

    /// <summary>References to batches, states and weights that somebody still holds, but for the weights' first.</summary>
    public int HeldReferences =>
        _tokens.Sum(tokens => tokens.References) + _states.Sum(state => state.References) + _weights.Sum(weights => weights.References - 1);

    /// <summary>The gradient vector in one piece.</summary>
    public ParameterRange[] Whole => [new ParameterRange(0, Model.Parameters.Length)];

    /// <summary>The gradient vector in pieces of so many elements, the last one shorter.</summary>
    public ParameterRange[] Pieces(int length) =>
        [.. Enumerable.Range(0, (Model.Parameters.Length + length - 1) / length).Select(index => new ParameterRange(index * length, Math.Min(length, Model.Parameters.Length - (index * length))))];

    public ShardComputer Computer() => new(Model, CpuDevice.Create(), Shards, Seed, Pool);

    /// <summary>Weights that follow from a seed. Released with this.</summary>
    public Payload<float> Weights(ulong seed = 1)
    {
        var weights = Pool.Rent<float>(Model.Parameters.Length);
        Model.Parameters.Initialize(seed, weights.Span);
        _weights.Add(weights);
        return weights;
    }

    public static WeightsPublished Publish(Payload<float> weights, long version = 0) => new(new WeightVersion(version), new ParameterRange(0, weights.Length), weights.Retain());

    public AssignShards Assign(IEnumerable<int> shards, Round? round = null, int attempt = 1, Func<int, float[]?>? state = null, int first = 0, int? steps = null) =>
        new(round ?? Step(1), attempt, [.. shards.Select(shard => Batch(shard, state?.Invoke(shard), first, steps ?? Steps))]);

    public static Round Step(long step) => new(WorkKind.Train, new Step(step), 0);

    public static Round Evaluation(long step) => new(WorkKind.Evaluate, new Step(step), 0);

    public void Dispose()
    {
        Cache.Dispose();
        foreach (var weights in _weights) weights.Release();
        Pool.Dispose();
    }

    ShardBatch Batch(int shard, float[]? state, int first, int steps)
    {
        var (inputs, targets) = (Pool.Rent<int>(steps * Rows), Pool.Rent<int>(steps * Rows));
        for (var t = 0; t < steps; t++)
        {
            for (var row = 0; row < Rows; row++)
            {
                inputs.Span[(t * Rows) + row] = Token(shard, row, first + t);
                targets.Span[(t * Rows) + row] = Token(shard, row, first + t + 1);
            }
        }

        var carried = state is null ? null : Pool.Copy<float>(state);
        lock (_tokens)
        {
            _tokens.AddRange([inputs, targets]);
            if (carried is not null) _states.Add(carried);
        }

        return new ShardBatch(shard, new BatchShape(steps, Rows), steps) { Tokens = inputs, Classes = targets, CarriesState = true, State = carried };
    }

    static int Token(int shard, int row, int t) => ((shard * 31) + (row * 17) + (t * t) + (t / 3)) % 9;
}

/// <summary>What a computation gave, copied out of its payloads.</summary>
/// <param name="Losses">By shard.</param>
/// <param name="States">By shard.</param>
/// <param name="Gradients">By node.</param>
sealed record Computed(
    SortedDictionary<int, (double Loss, int Tokens)> Losses, SortedDictionary<int, float[]> States, Dictionary<ShardRange, float[]> Gradients)
{
    public Computed() : this([], [], []) { }

    public void Take(IEnumerable<ShardResult> results)
    {
        foreach (var result in results)
        {
            Losses.Add(result.Shard, (result.Loss, result.Tokens));
            States.Add(result.Shard, result.State!.Span.ToArray());
            result.State.Release();
        }
    }

    /// <summary>Takes a piece of a node's gradient.</summary>
    public void Take(GradientPiece piece)
    {
        if (!Gradients.TryGetValue(piece.Node, out var gradient)) Gradients.Add(piece.Node, gradient = []);
        if (gradient.Length < piece.Slice.Offset + piece.Slice.Length) Array.Resize(ref gradient, piece.Slice.Offset + piece.Slice.Length);
        piece.Gradient.Span.CopyTo(gradient.AsSpan(piece.Slice.Offset));
        Gradients[piece.Node] = gradient;
        piece.Gradient.Release();
    }

    /// <summary>The plain recursive sum along the tree, from whatever nodes there are.</summary>
    public float[] Sum(ShardRange node)
    {
        if (Gradients.TryGetValue(node, out var given)) return given;
        var (left, right) = ShardTree.Split(node);
        return [.. Sum(left).Zip(Sum(right), (a, b) => a + b)];
    }

    public void ShouldHaveTheBitsOf(Computed other)
    {
        Losses.ShouldBe(other.Losses);
        States.Keys.ShouldBe(other.States.Keys);
        foreach (var (shard, state) in States) Bits(state).ShouldBe(Bits(other.States[shard]), $"state of shard {shard}");
    }

    public static int[] Bits(float[] values) => MemoryMarshal.Cast<float, int>(values).ToArray();
}
