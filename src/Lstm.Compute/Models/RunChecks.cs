namespace LstmCluster.Compute;

/// <summary>Whether what a caller hands to a run is of the sizes that model and batch have.</summary>
static class RunChecks
{
    /// <exception cref="ArgumentException">A vector is longer or shorter than what it is to hold.</exception>
    public static void RequireLength(int length, int wanted, string name)
    {
        if (length != wanted) throw new ArgumentException($"a vector of {length} elements where there are {wanted}", name);
    }

    /// <exception cref="ArgumentException">The row is not one of the batch, or the state not of the model's size.</exception>
    public static void RequireState(int row, int rows, ReadOnlySpan<float> state, Model model)
    {
        if (row < 0 || row >= rows) throw new ArgumentOutOfRangeException(nameof(row), row, $"a row must be in 0..{rows - 1}");
        if (state.Length != model.StateSize) throw new ArgumentException($"a state has {model.StateSize} elements, not {state.Length}", nameof(state));
    }

    /// <exception cref="ArgumentException">The rows are not those of the batch, or the states not of the model's size.</exception>
    public static void RequireStates(RowRange rows, int batchRows, ReadOnlySpan<float> states, Model model)
    {
        if (rows.First < 0 || rows.Count < 1 || rows.First > batchRows - rows.Count)
            throw new ArgumentOutOfRangeException(nameof(rows), rows, $"a row must be in 0..{batchRows - 1}");
        if (states.Length != (long)rows.Count * model.StateSize)
            throw new ArgumentException($"a state has {model.StateSize} elements: {rows.Count} have {(long)rows.Count * model.StateSize}, not {states.Length}", nameof(states));
    }

    /// <exception cref="ArgumentException">Training is to go on with weights that were prepared for inference.</exception>
    public static void RequireWeights(ModelWeights weights, bool training)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (training && !weights.IsForTraining) throw new ArgumentException("the weights were prepared for inference only", nameof(weights));
    }

    /// <exception cref="ArgumentException">A gradient is not laid out like the parameters, or the targets' leaves are not the shards of the batch, each once.</exception>
    public static void RequireTargets(ReadOnlySpan<GradientTarget> targets, ReadOnlySpan<ShardRows> shards, Model model)
    {
        var leaves = 0;
        foreach (var target in targets)
        {
            RequireLength(target.Gradient.Length, model.Parameters.Length, nameof(targets));
            leaves += target.Node.Count;
        }

        if (leaves != shards.Length) throw new ArgumentException($"the targets have {leaves} leaves, but the batch has {shards.Length} shards", nameof(targets));
        foreach (var (shard, _) in shards)
        {
            var found = 0;
            foreach (var target in targets)
                if (shard >= target.Node.First && shard < target.Node.End)
                    found++;
            if (found != 1) throw new ArgumentException($"shard {shard} is in {found} targets", nameof(targets));
        }
    }
}
