namespace LstmCluster.Compute.Tests;

/// <summary>Every kind of recurrent layer that the suite runs, by name: LSTM with each option and with all, GRU, RNN, in both directions.</summary>
static class RecurrentLayers
{
    public static TheoryData<string> Names =>
    [
        .. from kind in LstmVariants.Alone.Keys.Append("everything").Append("everything, four gates").Append("gru").Append("rnn")
           from direction in new[] { "", " reverse" }
           select kind + direction,
    ];

    /// <summary>A layer by its name.</summary>
    public static RecurrentLayer Create(string name, int inputs, int units, int recompute = 0, bool learned = false)
    {
        var reverse = name.EndsWith(" reverse", StringComparison.Ordinal);
        return (reverse ? name[..^" reverse".Length] : name) switch
        {
            "gru" => new Gru(inputs, units, reverse) { RecomputeSteps = recompute, LearnedInitialState = learned },
            "rnn" => new Rnn(inputs, units, reverse) { RecomputeSteps = recompute, LearnedInitialState = learned },
            "everything" => Lstm(LstmVariants.Everything),
            "everything, four gates" => Lstm(LstmVariants.Everything with { CoupledInputForget = false, Projection = 0 }),
            var option => Lstm(LstmVariants.Alone[option]),
        };

        Lstm Lstm(LstmOptions options) =>
            new(inputs, units, options: options with { Reverse = reverse }) { RecomputeSteps = recompute, LearnedInitialState = learned };
    }

    /// <summary>Where the layer's tensors lie in its parameters.</summary>
    public static ParameterLayout Layout(Layer layer)
    {
        var builder = new ParameterLayout.Builder();
        builder.Declare("layer", layer);
        return builder.Build();
    }
}
