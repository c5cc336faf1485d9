namespace LstmCluster.Training;

/// <summary>What a model says of an input; each task has its own.</summary>
public abstract record Prediction;

/// <summary>The class of a sequence.</summary>
/// <param name="Class">The likeliest class.</param>
/// <param name="Probability">Its probability.</param>
/// <param name="Probabilities">That of every class, in the order of their names.</param>
public sealed record ClassPrediction(string Class, double Probability, IReadOnlyDictionary<string, double> Probabilities) : Prediction;

/// <summary>A class for each step of a sequence.</summary>
/// <param name="Tags">The likeliest class of each step.</param>
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
