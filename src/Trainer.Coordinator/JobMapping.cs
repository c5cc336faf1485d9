using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>From what a job file says to what computes it.</summary>
public static class JobMapping
{
    const uint FirstRecurrentStream = 1 << 16, StreamsPerLayer = 4;

    // A model that is this many times worse than guessing is lost; a healthy one never gets near.
    const double LossLimitOverGuessing = 100;

    /// <summary>The model of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="vocabulary">Number of distinct tokens.</param>
    public static SequenceModel Model(Job job, int vocabulary)
    {
        ArgumentNullException.ThrowIfNull(job);
        var body = new List<Layer>();
        var features = job.Model.Embedding;
        foreach (var options in job.Model.Layers)
        {
            Layer layer = options switch
            {
                LstmLayerOptions lstm => new Lstm(features, lstm.Units, (float)lstm.ForgetBias, Options(lstm, FirstStream(body.Count))),
                GruLayerOptions gru => new Gru(features, gru.Units),
                RnnLayerOptions rnn => new Rnn(features, rnn.Units),
                _ => throw new NotSupportedException($"no layer for {options.GetType().Name}"),
            };
            body.Add(layer);
            features = layer.OutputSize;
            if (job.Model.Dropout > 0) body.Add(new Dropout(features, (float)job.Model.Dropout, (uint)body.Count));
        }

        return new SequenceModel(new Embedding(vocabulary, job.Model.Embedding), body, new Linear(features, vocabulary));
    }

    /// <summary>The optimizer of a job.</summary>
    public static Optimizer Optimizer(OptimizerOptions options) => options switch
    {
        SgdOptions sgd => new Sgd(sgd.Momentum, sgd.WeightDecay),
        AdamOptions adam => new Adam(adam.Beta1, adam.Beta2, adam.Epsilon),
        AdamWOptions adam => new Adam(adam.Beta1, adam.Beta2, adam.Epsilon, adam.WeightDecay),
        RmsPropOptions rms => new RmsProp(rms.Alpha, rms.Epsilon, rms.Momentum, rms.Centered, rms.WeightDecay),
        AdagradOptions adagrad => new Adagrad(adagrad.RateDecay, adagrad.InitialAccumulator, adagrad.Epsilon, adagrad.WeightDecay),
        NadamOptions nadam => new Nadam(nadam.Beta1, nadam.Beta2, nadam.Epsilon, nadam.MomentumDecay, nadam.WeightDecay),
        _ => throw new NotSupportedException($"no optimizer for {options}"),
    };

    /// <summary>All that turns a gradient into the next weights.</summary>
    /// <param name="training">The job's options.</param>
    /// <param name="parameters">The model's parameters.</param>
    /// <exception cref="UserErrorException">A rate names no layer and no tensor.</exception>
    public static UpdateRule UpdateRule(TrainingOptions training, ParameterLayout parameters)
    {
        ArgumentNullException.ThrowIfNull(training);
        var names = parameters.Parameters.Select(parameter => parameter.Name).ToList();
        foreach (var rate in training.Rates)
        {
            if (!names.Any(name => name == rate.Name || name.StartsWith(rate.Name + ".", StringComparison.Ordinal)))
                throw new UserErrorException($"training.rates.{rate.Name} names no layer and no tensor: known are {string.Join(", ", names)}");
        }

        var rates = ParameterRates.Of(parameters, training.Rates.ToDictionary(rate => rate.Name, rate => rate.Factor));
        return new UpdateRule(Optimizer(training.Optimizer), rates, training.Average is AverageByDecay average ? new WeightAverage(average.Decay) : null);
    }

    /// <summary>What the coordinator does for a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="vocabulary">Number of distinct tokens.</param>
    /// <param name="run">The run directory, as it is shown.</param>
    public static TrainingPlan Plan(Job job, int vocabulary, string run)
    {
        ArgumentNullException.ThrowIfNull(job);
        var training = job.Training;
        return new TrainingPlan(
            run, training.Steps, training.Shards, training.Optimizer.Rate, Schedule(training.Schedule, training.Steps), training.Clip,
            training.Checkpoint.Every, training.Validate.Every, LossLimitOverGuessing * Math.Log(Math.Max(2, vocabulary)), TimeSpan.FromMinutes(10),
            Averaged: training.Average is AverageByDecay);
    }

    /// <summary>First mask stream of a recurrent layer, apart from those of the dropout between layers, which are numbered by place.</summary>
    static uint FirstStream(int place) => FirstRecurrentStream + ((uint)place * StreamsPerLayer);

    static LstmOptions Options(LstmLayerOptions lstm, uint firstStream) => new()
    {
        Peephole = lstm.Peephole,
        LayerNorm = lstm.LayerNorm,
        CoupledInputForget = lstm.CoupledInputForget,
        Projection = lstm.Projection,
        CellClip = (float)lstm.CellClip,
        RecurrentDropout = (float)lstm.RecurrentDropout,
        ZoneoutHidden = (float)lstm.ZoneoutHidden,
        ZoneoutCell = (float)lstm.ZoneoutCell,
        MaskStream = firstStream,
    };

    static Schedule Schedule(ScheduleOptions options, long steps) => options switch
    {
        ConstantScheduleOptions => new ConstantSchedule(),
        WarmupScheduleOptions warmUp => new WarmUpSchedule(warmUp.Steps),
        CosineScheduleOptions cosine => new CosineSchedule(cosine.Steps ?? steps, cosine.Warmup, cosine.Floor),
        StepScheduleOptions step => new StepSchedule(step.Every, step.Factor),
        _ => throw new NotSupportedException($"no schedule for {options}"),
    };
}
