using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>From a job's training options to what turns gradients into weights.</summary>
public static class UpdateMapping
{
    /// <summary>All that turns a gradient into the next weights.</summary>
    /// <param name="training">The job's options.</param>
    /// <param name="parameters">The model's parameters.</param>
    /// <exception cref="UserErrorException">A rate names no layer and no tensor.</exception>
    public static UpdateRule Of(TrainingOptions training, ParameterLayout parameters)
    {
        ArgumentNullException.ThrowIfNull(training);
        var names = parameters.Parameters.Select(parameter => parameter.Name).ToList();
        foreach (var rate in training.Rates)
        {
            if (!names.Any(name => name == rate.Name || name.StartsWith(rate.Name + ".", StringComparison.Ordinal)))
                throw new UserErrorException($"training.rates.{rate.Name} names no layer and no tensor: known are {string.Join(", ", names)}");
        }

        var rates = ParameterRates.Of(parameters, training.Rates.ToDictionary(rate => rate.Name, rate => rate.Factor));
        return new UpdateRule(OptimizerOf(training.Optimizer), rates, training.Average is AverageByDecay average ? new WeightAverage(average.Decay) : null);
    }

    static Optimizer OptimizerOf(OptimizerOptions options) => options switch
    {
        SgdOptions sgd => new Sgd(sgd.Momentum, sgd.WeightDecay),
        AdamOptions adam => new Adam(adam.Beta1, adam.Beta2, adam.Epsilon),
        AdamWOptions adam => new Adam(adam.Beta1, adam.Beta2, adam.Epsilon, adam.WeightDecay),
        RmsPropOptions rms => new RmsProp(rms.Alpha, rms.Epsilon, rms.Momentum, rms.Centered, rms.WeightDecay),
        AdagradOptions adagrad => new Adagrad(adagrad.RateDecay, adagrad.InitialAccumulator, adagrad.Epsilon, adagrad.WeightDecay),
        NadamOptions nadam => new Nadam(nadam.Beta1, nadam.Beta2, nadam.Epsilon, nadam.MomentumDecay, nadam.WeightDecay),
        _ => throw new NotSupportedException($"no optimizer for {options}"),
    };
}
