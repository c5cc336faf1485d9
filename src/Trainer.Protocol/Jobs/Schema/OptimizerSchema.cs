namespace LstmCluster.Protocol;

/// <summary>The keys of <c>training.optimizer</c> and <c>training.schedule</c>.</summary>
static class OptimizerSchema
{
    const string RateMeaning = "Learning rate before the schedule";

    /// <summary>The optimizers.</summary>
    public static OneOf<OptimizerOptions> Optimizer { get; } = new(
        Kind.Options<OptimizerOptions, SgdOptions>("sgd", new Section<SgdOptions>(
            new SgdOptions(),
            [
                new SectionKey<SgdOptions, double>("rate", RateMeaning, NumberValue.Positive, x => x.Rate, (x, v) => x with { Rate = v }) { MayChange = true },
                new SectionKey<SgdOptions, double>("momentum", "Momentum", NumberValue.BelowOne, x => x.Momentum, (x, v) => x with { Momentum = v }),
                new SectionKey<SgdOptions, double>("weightDecay", "L2 penalty added to the gradient", NumberValue.NonNegative, x => x.WeightDecay, (x, v) => x with { WeightDecay = v }),
            ])),
        Kind.Options<OptimizerOptions, AdamOptions>("adam", new Section<AdamOptions>(
            new AdamOptions(),
            [
                new SectionKey<AdamOptions, double>("rate", RateMeaning, NumberValue.Positive, x => x.Rate, (x, v) => x with { Rate = v }) { MayChange = true },
                new SectionKey<AdamOptions, double>("beta1", "Decay of the gradient's running mean", NumberValue.BelowOne, x => x.Beta1, (x, v) => x with { Beta1 = v }),
                new SectionKey<AdamOptions, double>("beta2", "Decay of the squared gradient's running mean", NumberValue.BelowOne, x => x.Beta2, (x, v) => x with { Beta2 = v }),
                new SectionKey<AdamOptions, double>("epsilon", "Added to the denominator", NumberValue.Positive, x => x.Epsilon, (x, v) => x with { Epsilon = v }),
            ])),
        Kind.Options<OptimizerOptions, AdamWOptions>("adamw", new Section<AdamWOptions>(
            new AdamWOptions(),
            [
                new SectionKey<AdamWOptions, double>("rate", RateMeaning, NumberValue.Positive, x => x.Rate, (x, v) => x with { Rate = v }) { MayChange = true },
                new SectionKey<AdamWOptions, double>("beta1", "Decay of the gradient's running mean", NumberValue.BelowOne, x => x.Beta1, (x, v) => x with { Beta1 = v }),
                new SectionKey<AdamWOptions, double>("beta2", "Decay of the squared gradient's running mean", NumberValue.BelowOne, x => x.Beta2, (x, v) => x with { Beta2 = v }),
                new SectionKey<AdamWOptions, double>("epsilon", "Added to the denominator", NumberValue.Positive, x => x.Epsilon, (x, v) => x with { Epsilon = v }),
                new SectionKey<AdamWOptions, double>("weightDecay", "Part of a weight, times the rate, that each step takes off", NumberValue.NonNegative, x => x.WeightDecay, (x, v) => x with { WeightDecay = v }),
            ])),
        Kind.Options<OptimizerOptions, RmsPropOptions>("rmsprop", new Section<RmsPropOptions>(
            new RmsPropOptions(),
            [
                new SectionKey<RmsPropOptions, double>("rate", RateMeaning, NumberValue.Positive, x => x.Rate, (x, v) => x with { Rate = v }) { MayChange = true },
                new SectionKey<RmsPropOptions, double>("alpha", "Decay of the running means", NumberValue.BelowOne, x => x.Alpha, (x, v) => x with { Alpha = v }),
                new SectionKey<RmsPropOptions, double>("epsilon", "Added to the denominator", NumberValue.Positive, x => x.Epsilon, (x, v) => x with { Epsilon = v }),
                new SectionKey<RmsPropOptions, double>("momentum", "Momentum", NumberValue.BelowOne, x => x.Momentum, (x, v) => x with { Momentum = v }),
                new SectionKey<RmsPropOptions, bool>("centered", "Whether to divide by the root of the gradient's running variance instead of its running mean square", new BooleanValue(), x => x.Centered, (x, v) => x with { Centered = v }),
                new SectionKey<RmsPropOptions, double>("weightDecay", "L2 penalty added to the gradient", NumberValue.NonNegative, x => x.WeightDecay, (x, v) => x with { WeightDecay = v }),
            ])),
        Kind.Options<OptimizerOptions, AdagradOptions>("adagrad", new Section<AdagradOptions>(
            new AdagradOptions(),
            [
                new SectionKey<AdagradOptions, double>("rate", RateMeaning, NumberValue.Positive, x => x.Rate, (x, v) => x with { Rate = v }) { MayChange = true },
                new SectionKey<AdagradOptions, double>("rateDecay", "Step s, from 0, divides the rate by 1 + s times this", NumberValue.NonNegative, x => x.RateDecay, (x, v) => x with { RateDecay = v }),
                new SectionKey<AdagradOptions, double>("initialAccumulator", "What each sum of squared gradients starts from", NumberValue.NonNegative, x => x.InitialAccumulator, (x, v) => x with { InitialAccumulator = v }),
                new SectionKey<AdagradOptions, double>("epsilon", "Added to the denominator", NumberValue.Positive, x => x.Epsilon, (x, v) => x with { Epsilon = v }),
                new SectionKey<AdagradOptions, double>("weightDecay", "L2 penalty added to the gradient", NumberValue.NonNegative, x => x.WeightDecay, (x, v) => x with { WeightDecay = v }),
            ])),
        Kind.Options<OptimizerOptions, NadamOptions>("nadam", new Section<NadamOptions>(
            new NadamOptions(),
            [
                new SectionKey<NadamOptions, double>("rate", RateMeaning, NumberValue.Positive, x => x.Rate, (x, v) => x with { Rate = v }) { MayChange = true },
                new SectionKey<NadamOptions, double>("beta1", "Decay of the gradient's running mean", NumberValue.BelowOne, x => x.Beta1, (x, v) => x with { Beta1 = v }),
                new SectionKey<NadamOptions, double>("beta2", "Decay of the squared gradient's running mean", NumberValue.BelowOne, x => x.Beta2, (x, v) => x with { Beta2 = v }),
                new SectionKey<NadamOptions, double>("epsilon", "Added to the denominator", NumberValue.Positive, x => x.Epsilon, (x, v) => x with { Epsilon = v }),
                new SectionKey<NadamOptions, double>("momentumDecay", "How fast the momentum grows to its full weight", NumberValue.NonNegative, x => x.MomentumDecay, (x, v) => x with { MomentumDecay = v }),
                new SectionKey<NadamOptions, double>("weightDecay", "L2 penalty added to the gradient", NumberValue.NonNegative, x => x.WeightDecay, (x, v) => x with { WeightDecay = v }),
            ])));

    /// <summary>The schedules.</summary>
    public static OneOf<ScheduleOptions> Schedule { get; } = new(
        Kind.Bare<ScheduleOptions, ConstantScheduleOptions>("constant", new ConstantScheduleOptions()),
        Kind.Options<ScheduleOptions, WarmupScheduleOptions>("warmup", new Section<WarmupScheduleOptions>(
            new WarmupScheduleOptions { Steps = 0 },
            [
                new SectionKey<WarmupScheduleOptions, int>("steps", "Steps until the full rate, which then stays", new IntegerValue(1), x => x.Steps, (x, v) => x with { Steps = v }) { Required = true },
            ])),
        Kind.Options<ScheduleOptions, CosineScheduleOptions>("cosine", new Section<CosineScheduleOptions>(
            new CosineScheduleOptions(),
            [
                new SectionKey<CosineScheduleOptions, int?>("steps", "Step at which the floor is reached, warm-up included", new OptionalValue<int>(new IntegerValue(1)), x => x.Steps, (x, v) => x with { Steps = v }) { DefaultText = "`training.steps`" },
                new SectionKey<CosineScheduleOptions, double>("floor", "Fraction of the rate that remains at the end", NumberValue.Fraction, x => x.Floor, (x, v) => x with { Floor = v }),
                new SectionKey<CosineScheduleOptions, int>("warmup", "Steps of linear warm-up before; fewer than `steps`", new IntegerValue(0), x => x.Warmup, (x, v) => x with { Warmup = v }),
            ])),
        Kind.Options<ScheduleOptions, StepScheduleOptions>("step", new Section<StepScheduleOptions>(
            new StepScheduleOptions { Every = 0 },
            [
                new SectionKey<StepScheduleOptions, int>("every", "Steps between two changes of the rate", new IntegerValue(1), x => x.Every, (x, v) => x with { Every = v }) { Required = true },
                new SectionKey<StepScheduleOptions, double>("factor", "What the rate is multiplied with at each change", NumberValue.PositiveFraction, x => x.Factor, (x, v) => x with { Factor = v }),
            ])));
}
