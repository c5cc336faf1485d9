using LstmCluster.Compute;

namespace LstmCluster.Protocol;

/// <summary>The keys of <c>training:</c>; those of the optimizer are in <see cref="OptimizerSchema"/>.</summary>
static class TrainingSchema
{
    const int LargestSize = 1 << 16;

    // Token positions of a step are indexed with 32-bit integers, with room for the features of each.
    const int MostTokensPerStep = 1 << 24;

    static readonly OneOf<ClipOptions> s_clip = new(
        Kind.Bare<ClipOptions, NoClip>("none", new NoClip()),
        new Kind<ClipOptions, ClipByNorm, double>("norm", NumberValue.Positive, v => new ClipByNorm(v), x => x.Norm) { Meaning = "The whole gradient is scaled so that its L2 norm is at most this" },
        new Kind<ClipOptions, ClipByValue, double>("value", NumberValue.Positive, v => new ClipByValue(v), x => x.Value) { Meaning = "Each element of the gradient is limited to this absolute value" });

    static readonly OneOf<AverageOptions> s_average = new(
        Kind.Bare<AverageOptions, NoAverage>("none", new NoAverage()),
        new Kind<AverageOptions, AverageByDecay, double>("decay", NumberValue.BelowOne, v => new AverageByDecay(v), x => x.Decay) { Meaning = "Share of the average that a step keeps, once it has seen enough of them" });

    static readonly ChoiceValue<GradientPrecision> s_gradients = new(("fp32", GradientPrecision.Fp32), ("bf16", GradientPrecision.Bf16));

    static readonly ChoiceValue<ComputePrecision> s_precision = new(("fp32", ComputePrecision.Fp32), ("tf32", ComputePrecision.Tf32), ("bf16", ComputePrecision.Bf16));

    static readonly Section<CheckpointOptions> s_checkpoint = new(
        new CheckpointOptions(),
        [
            new SectionKey<CheckpointOptions, CheckpointInterval>("every", "Time or steps between two checkpoints; there is always one at the end", new IntervalValue(), x => x.Every, (x, v) => x with { Every = v }),
            new SectionKey<CheckpointOptions, int>("keep", "Complete checkpoints that are kept", new IntegerValue(1), x => x.Keep, (x, v) => x with { Keep = v }),
        ]);

    static readonly Section<ValidateOptions> s_validate = new(
        new ValidateOptions(),
        [
            new SectionKey<ValidateOptions, int>("every", "Steps between two validations; 0 means only at the end", new IntegerValue(0), x => x.Every, (x, v) => x with { Every = v }),
            new SectionKey<ValidateOptions, ValidationMetric>("metric", "What `keepBest` and `stopEarly` go by, of the figures that the task has", ValidationRules.Metrics, x => x.Metric, (x, v) => x with { Metric = v }),
            new SectionKey<ValidateOptions, string>("class", "The class whose F1 counts, for `metric: f1`", new TextValue(), x => x.Class, (x, v) => x with { Class = v }) { DefaultText = "the mean of all" },
        ]);

    static readonly Section<StopEarlyOptions> s_stopEarly = new(
        new StopEarlyOptions(),
        [
            new SectionKey<StopEarlyOptions, int>("patience", "The run ends after so many validations in a row that are no better than the best before them; 0 means never", new IntegerValue(0), x => x.Patience, (x, v) => x with { Patience = v }),
        ]);

    static readonly Section<GrowthOptions> s_growth = new(
        new GrowthOptions(),
        [
            new SectionKey<GrowthOptions, int>("from", "Time steps of a row that the first steps read, of a `tagger` or a `regressor` with `answers: step`; 0 means all of them", new IntegerValue(0, LargestSize), x => x.From, (x, v) => x with { From = v }),
            new SectionKey<GrowthOptions, int>("every", "Steps after which `from` doubles, again and again", new IntegerValue(1), x => x.Every, (x, v) => x with { Every = v }),
            new SectionKey<GrowthOptions, int>("to", "Time steps of a row that are read in the end, at least `from`; 0 means all of them. What is held out is read whole", new IntegerValue(0, LargestSize), x => x.To, (x, v) => x with { To = v }),
        ]);

    /// <summary>The section.</summary>
    public static Section<TrainingOptions> Training { get; } = new(
        new TrainingOptions { Steps = 0 },
        [
            new SectionKey<TrainingOptions, int>("batch", "Rows of a step's batch: contiguous streams of a text, or rows of a file", new IntegerValue(1, LargestSize), x => x.Batch, (x, v) => x with { Batch = v }),
            new SectionKey<TrainingOptions, int>("length", "Time steps of a step: how far back the gradient reaches in a text; longest input and target of rows", new IntegerValue(1, LargestSize), x => x.Length, (x, v) => x with { Length = v }),
            new SectionKey<TrainingOptions, GrowthOptions>("growth", "Whether the first steps read the beginnings of rows only", s_growth, x => x.Growth, (x, v) => x with { Growth = v }),
            new SectionKey<TrainingOptions, int>("shards", "Equal parts of a step's batch, the unit of work of a worker; divides `training.batch`", new IntegerValue(1, LargestSize), x => x.Shards, (x, v) => x with { Shards = v }),
            new SectionKey<TrainingOptions, int>("recompute", "Gradient checkpointing over time: so many steps' activations are kept at once and the others computed again, with the same bits; 0 keeps all", new MultipleValue(TimeSegments.Steps), x => x.Recompute, (x, v) => x with { Recompute = v }) { MayChange = true },
            new SectionKey<TrainingOptions, GradientPrecision>("gradients", "What each shard's gradient, and each sum of them, is rounded to; `bf16` halves what is sent between processes", s_gradients, x => x.Gradients, (x, v) => x with { Gradients = v }),
            new SectionKey<TrainingOptions, ComputePrecision>("precision", "What the operands of matrix products are rounded to; sums and weights stay in single precision, and every worker's device must be able to", s_precision, x => x.Precision, (x, v) => x with { Precision = v }),
            new SectionKey<TrainingOptions, int>("steps", "Optimizer steps of the whole run", new IntegerValue(1), x => x.Steps, (x, v) => x with { Steps = v }) { Required = true, MayChange = true },
            new SectionKey<TrainingOptions, OptimizerOptions>("optimizer", "What turns a gradient into a change of the weights", OptimizerSchema.Optimizer, x => x.Optimizer, (x, v) => x with { Optimizer = v }),
            new SectionKey<TrainingOptions, ScheduleOptions>("schedule", "How the learning rate changes over the steps", OptimizerSchema.Schedule, x => x.Schedule, (x, v) => x with { Schedule = v }) { MayChange = true },
            new SectionKey<TrainingOptions, ClipOptions>("clip", "How a large gradient is made smaller, once, after averaging", s_clip, x => x.Clip, (x, v) => x with { Clip = v }) { MayChange = true },
            new SectionKey<TrainingOptions, ValueList<LayerRate>>("rates", "Factors of the learning rate by layer; 0 freezes it", new RatesValue(), x => x.Rates, (x, v) => x with { Rates = v }) { MayChange = true },
            new SectionKey<TrainingOptions, AverageOptions>("average", "Whether a moving average of the weights is validated and kept as the result instead of the last ones", s_average, x => x.Average, (x, v) => x with { Average = v }),
            new SectionKey<TrainingOptions, CheckpointOptions>("checkpoint", "When checkpoints are written and how many are kept", s_checkpoint, x => x.Checkpoint, (x, v) => x with { Checkpoint = v }) { MayChange = true },
            new SectionKey<TrainingOptions, ValidateOptions>("validate", "When the held-out part is evaluated, and what counts as better", s_validate, x => x.Validate, (x, v) => x with { Validate = v }) { MayChange = true },
            new SectionKey<TrainingOptions, bool>("keepBest", "The weights of the best validation are kept, and become the result instead of the last ones", new FlagValue(), x => x.KeepBest, (x, v) => x with { KeepBest = v }) { MayChange = true },
            new SectionKey<TrainingOptions, StopEarlyOptions>("stopEarly", "Whether the run ends before its last step", s_stopEarly, x => x.StopEarly, (x, v) => x with { StopEarly = v }) { MayChange = true },
        ],
        CheckTraining);

    static TrainingOptions CheckTraining(TrainingOptions training, SectionPlaces places)
    {
        if (training.Batch % training.Shards != 0)
            throw places.Error("shards", $"must divide {places.Name("batch")}, got {training.Shards} for a batch of {training.Batch}");
        if ((long)training.Batch * training.Length > MostTokensPerStep)
            throw places.Error("length", $"times {places.Name("batch")} must be at most {MostTokensPerStep} tokens a step, got {training.Length} x {training.Batch}");
        if (training.Growth is { To: > 0 } growth && (growth.From == 0 || growth.To < growth.From))
            throw places.Error("growth.to", $"must be at least {places.Name("growth.from")}, which must be positive with it, got {growth.To} from {growth.From}");
        if (training.Schedule is not CosineScheduleOptions cosine)
            return training;
        // A resumed run with more steps stretches its cosine too, unless the file fixes it.
        var steps = cosine.Steps ?? training.Steps;
        if (cosine.Warmup >= steps)
            throw places.Error("schedule.cosine.warmup", $"must be fewer steps than {(cosine.Steps is null ? places.Name("steps") : places.Name("schedule.cosine.steps"))}, got {cosine.Warmup} of {steps}");
        return training with { Schedule = cosine with { Steps = steps } };
    }
}
