namespace LstmCluster.Training;

/// <summary>What a model says of an input; each task has its own.</summary>
public abstract record Prediction;

/// <summary>The class of a sequence.</summary>
/// <param name="Class">The likeliest class.</param>
/// <param name="Probability">Its probability.</param>
/// <param name="Probabilities">That of every class, in the order of their names.</param>
public sealed record ClassPrediction(string Class, double Probability, IReadOnlyDictionary<string, double> Probabilities) : Prediction;

/// <summary>A class for each step of a sequence.</summary>
/// <param name="Tags">The likeliest class of each step; of each word where words are tagged and their characters read.</param>
public sealed record TagPrediction(IReadOnlyList<string> Tags) : Prediction;

/// <summary>Numbers.</summary>
/// <param name="Values">The numbers of each answer: of the whole sequence once, or of each step where the job asks for that. Probabilities where the loss is that of probabilities.</param>
public sealed record ValuePrediction(IReadOnlyList<double[]> Values) : Prediction;

/// <summary>Another sequence.</summary>
/// <param name="Found">What was found, the best first.</param>
public sealed record SequencePrediction(IReadOnlyList<FoundSequence> Found) : Prediction
{
    /// <summary>The best.</summary>
    public string Output => Found[0].Output;
}

/// <summary>A sequence that was found.</summary>
/// <param name="Output">Its text.</param>
/// <param name="LogProbability">Natural logarithm of its probability.</param>
public sealed record FoundSequence(string Output, double LogProbability);

/// <summary>How likely a text is.</summary>
/// <param name="Tokens">Tokens that were told: all but the first one, of which the others follow.</param>
/// <param name="LogProbability">Natural logarithm of their probability; minus infinity for a text with a <see cref="Flaw"/>.</param>
public sealed record TextPrediction(int Tokens, double LogProbability) : Prediction
{
    /// <summary>Why the text cannot be, as far as the model knows: a character that it has no token for, with its place. Null for other texts.</summary>
    public string? Flaw { get; init; }

    /// <summary>How many tokens there are to choose from on average, as far as the model knows; null where none was told.</summary>
    public double? Perplexity => Tokens == 0 ? null : Math.Exp(-LogProbability / Tokens);

    /// <summary>Bits that a token has on average; null where none was told.</summary>
    public double? BitsPerToken => Tokens == 0 ? null : -LogProbability / Tokens / Math.Log(2);
}

/// <summary>The rows behind the ends of series.</summary>
/// <param name="Rows">Series by series, each in the order of time.</param>
public sealed record ForecastPrediction(IReadOnlyList<ForecastRow> Rows) : Prediction;

/// <summary>A row that is told.</summary>
/// <param name="Series">Name of the series; empty where all rows are one.</param>
/// <param name="Ahead">Rows from the end of the series, from 1.</param>
/// <param name="Dates">Its dates by the names of their columns, written as in training.</param>
/// <param name="Values">What is told, by the names of the target columns, in their own units.</param>
public sealed record ForecastRow(string Series, int Ahead, IReadOnlyDictionary<string, string> Dates, IReadOnlyDictionary<string, double> Values) : Prediction;

/// <summary>How far out of the ordinary readings are.</summary>
/// <param name="Readings">One for each row, in their order.</param>
public sealed record AnomalyPrediction(IReadOnlyList<AnomalyReading> Readings) : Prediction;

/// <summary>How far out of the ordinary a reading is.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Series">Name of its series; empty where all rows are one.</param>
/// <param name="Score">The root of the mean square of what was told less what came, over the target columns of every row told in the window that ends with it, in deviations; null where too few rows have come before, or a target is missing.</param>
/// <param name="Threshold">Above it a reading is out of the ordinary; null where none was fitted.</param>
/// <param name="Expected">What was told, by the names of the target columns, in their own units; empty where there is no score.</param>
public sealed record AnomalyReading(int Line, string Series, double? Score, double? Threshold, IReadOnlyDictionary<string, double> Expected) : Prediction
{
    /// <summary>True when it is out of the ordinary; null where there is no score or no threshold.</summary>
    public bool? IsAnomaly => Score is null || Threshold is null ? null : !(Score <= Threshold);
}
