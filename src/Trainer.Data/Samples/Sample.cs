namespace LstmCluster.Data;

/// <summary>One row as numbers: a sequence, and what a model should say of it. What its task has no use for is empty.</summary>
public sealed record Sample
{
    /// <summary>Time steps of the input, at least one.</summary>
    public required int Steps { get; init; }

    /// <summary>[Steps] tokens.</summary>
    public int[] Tokens { get; init; } = [];

    /// <summary>[Steps] characters of each token, where they are read; equal words share theirs.</summary>
    public int[][] Characters { get; init; } = [];

    /// <summary>[Steps,D] features.</summary>
    public float[] Features { get; init; } = [];

    /// <summary>Hash of the input's text, where the target is a sequence: samples with the same are alternatives of one input.</summary>
    public UInt128 Group { get; init; }

    /// <summary>One class, the class of each step, or the tokens of the target sequence.</summary>
    public int[] Classes { get; init; } = [];

    /// <summary>The numbers to be met; where each step is answered [Steps,outputs], all NaN for a step without.</summary>
    public float[] Values { get; init; } = [];

    /// <summary>[Steps,outputs]: of a window, what was taken away from its values.</summary>
    public float[] Bases { get; init; } = [];

    /// <summary>Of an input without target, the steps at which the model was trained to answer, ascending; null for all that it answers.</summary>
    public IReadOnlyList<int>? AnsweredSteps { get; init; }

    /// <summary>Of an input, why nothing can be said of it, with its place; null when something can.</summary>
    public string? Flaw { get; init; }

    /// <summary>Of a window, its first row in the table.</summary>
    public int FirstRow { get; init; }

    /// <summary>The beginning of a sample with an answer at each step: at most so many steps, but as many as reach its first answer.</summary>
    /// <param name="steps">Time steps, at least one.</param>
    /// <param name="features">D, features of a time step; 0 for tokens.</param>
    /// <param name="outputs">Values of an answer; 0 for classes.</param>
    internal Sample Beginning(int steps, int features, int outputs)
    {
        if (steps >= Steps) return this;
        var first = outputs == 0 ? Array.FindIndex(Classes, one => one >= 0) : Array.FindIndex(Values, one => !float.IsNaN(one)) / outputs;
        steps = Math.Max(steps, first + 1);
        return this with
        {
            Steps = steps,
            Tokens = Tokens[..Math.Min(Tokens.Length, steps)],
            Characters = Characters[..Math.Min(Characters.Length, steps)],
            Features = Features[..(steps * features)],
            Classes = Classes[..Math.Min(Classes.Length, steps)],
            Values = Values[..(steps * outputs)],
        };
    }
}
