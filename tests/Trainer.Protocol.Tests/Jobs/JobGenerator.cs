using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

/// <summary>Random jobs that a job file can express, every default filled in.</summary>
static class JobGenerator
{
    public static Gen<Job> Any { get; } =
        from name in Gen.Elements("a", "moby-dick", "0", "null", "1e5", "Run_2.b")
        from seed in ArbMap.Default.GeneratorFor<ulong>()
        from task in Gen.Elements<TaskOptions>(new LanguageModelTask(), new ClassifierTask(), new TaggerTask(), new RegressorTask { Outputs = 3 }, new RegressorTask { Answers = RegressorAnswers.Step }, new SequenceToSequenceTask(), new ForecasterTask { Context = 9, Horizon = 2, RelativeTo = WindowBase.Season, Season = 7 }, new AnomalyTask { Context = 3, Horizon = 1, Stride = 2, Label = "odd", Quantile = 0.95 })
        from data in task is WindowTask ? Table : Data(task)
        from model in Model(task, data)
        from training in Training
        select new Job { Name = name, Seed = seed, Task = task, Data = data, Model = model, Training = Fitting(task, data, training) };

    static Gen<DataOptions> Data(TaskOptions task) =>
        from source in Gen.OneOf(Gen.Elements("a.txt", "npm:@x/y@1.0.0#a/b.txt", "- a", "a: b", "a #b", "~", "null", "{x}", "'q'", "\"", " a ", "ß\u2028\U0001F600", "C:\\x\\y", "a\nb", "@x", "*a", "&b", "!t", "%d", "|", ">", "a:", "-"), Text)
        from tokens in task.HasRows ? Gen.Elements(TokenKind.Character, TokenKind.Byte, TokenKind.Word, TokenKind.Numbers) : Gen.Elements(TokenKind.Character, TokenKind.Byte, TokenKind.Word, TokenKind.Subword)
        from format in Gen.Elements(DataFormat.Csv, DataFormat.Tsv, DataFormat.Parallel)
        from longer in Gen.Elements(Enum.GetValues<LongerRows>())
        from targetTokens in Gen.Elements(TokenKind.Character, TokenKind.Word)
        from input in Gen.Elements("in", "my column", "1")
        from heldOut in BelowOne
        from split in Gen.Elements(Enum.GetValues<SplitKind>())
        from malformed in Gen.Elements(Enum.GetValues<MalformedRows>())
        from limit in Gen.Choose(0, 10_000)
        select new DataOptions
        {
            Source = source,
            Format = task.HasRows ? format : null,
            Input = task.HasRows && format != DataFormat.Parallel ? input : null,
            Target = task.HasRows && format != DataFormat.Parallel ? "out" : null,
            TargetSource = task.HasRows && format == DataFormat.Parallel ? "b.txt" : null,
            TargetWithout = task.HasRows && format == DataFormat.Parallel && limit % 3 == 0 ? "012" : null,
            Encoding = task.HasRows && limit % 5 == 0 ? TextEncoding.Latin1 : null,
            Bucketing = task.HasRows ? limit % 7 : null,
            Tokens = tokens,
            TargetTokens = task is SequenceToSequenceTask ? targetTokens : null,
            Features = tokens == TokenKind.Numbers ? 7 : null,
            Longer = task.HasRows ? longer : null,
            Vocabulary = tokens == TokenKind.Subword ? limit + 257 : limit > 0 && (tokens == TokenKind.Word || (task.HasRows && tokens == TokenKind.Character)) ? limit : null,
            OnBadRow = task.HasRows ? malformed : null,
            Split = split,
            Key = task.HasRows && format != DataFormat.Parallel && split == SplitKind.Hash && limit % 2 == 0 ? "the key" : null,
            Validation = heldOut,
            Test = (1 - heldOut) / 2,
        };

    static Gen<DataOptions> Table =>
        from format in Gen.Elements(DataFormat.Csv, DataFormat.Tsv)
        from missing in Gen.Elements(Enum.GetValues<MissingNumbers>())
        from flags in Gen.Choose(0, 15)
        from features in Gen.NonEmptyListOf(Gen.Elements(Enum.GetValues<CalendarFeature>()))
        select new DataOptions
        {
            Source = "t.csv",
            Format = format,
            Tokens = TokenKind.Numbers,
            Columns =
            [
                new NumericColumnOptions { Name = "a", Role = ColumnRole.Target, Missing = missing, Standardize = (flags & 1) != 0 },
                new DateColumnOptions { Name = "b", Format = "d.M.yyyy", Features = [.. features.Take(8)], Parts = (flags & 2) != 0 ? ["x", "y"] : null },
                new CategoricalColumnOptions { Name = "c", Role = ColumnRole.Past },
            ],
            Series = (flags & 4) != 0 ? "s" : null,
            OnBadRow = MalformedRows.Skip,
            Split = (flags & 4) != 0 ? SplitKind.Hash : SplitKind.Order,
        };

    static ValueList<LayerRate> RatesFor(TaskOptions task, DataOptions data, ValueList<LayerRate> rates) =>
        task is SequenceToSequenceTask ? [.. rates.Where(rate => rate.Name == "head")] : [.. rates.Where(rate => rate.Name != "embedding" || data.Tokens != TokenKind.Numbers)];

    static Gen<string> Text => ArbMap.Default.GeneratorFor<string>().Where(s => !string.IsNullOrEmpty(s)).Select(s => string.Concat(s.Where(c => c >= ' ' && !char.IsSurrogate(c) && c is not '\uFFFE' and not '\uFFFF'))).Where(s => s.Length > 0);

    static Gen<int> Count(int most) => Gen.Choose(1, most);

    static Gen<double> BelowOne => Gen.Choose(0, int.MaxValue - 1).Select(i => i / (double)int.MaxValue);

    static Gen<double> Positive => ArbMap.Default.GeneratorFor<double>().Select(Math.Abs).Where(x => double.IsFinite(x) && x > 0);

    static Gen<ModelOptions> Model(TaskOptions task, DataOptions data) =>
        from embedding in Count(65536)
        from layers in Gen.NonEmptyListOf(Layer(directions: task is not LanguageModelTask))
        from dropout in BelowOne
        from flags in Gen.Choose(0, 7)
        from pooling in Gen.Elements(Enum.GetValues<PoolingKind>())
        from loss in Loss(task)
        from decoder in Decoder
        select Fitting(task, data, new ModelOptions
        {
            Embedding = embedding,
            Layers = [.. layers.Take(64)],
            Dropout = dropout,
            Residual = (flags & 1) != 0,
            LayerNorm = (flags & 2) != 0,
            Tied = (flags & 4) != 0,
            Pooling = task is ClassifierTask or RegressorTask { Answers: RegressorAnswers.Sequence } ? pooling : null,
            Decoder = task is SequenceToSequenceTask ? decoder : null,
            Loss = loss,
        });

    /// <summary>The model with layers and sizes that its options need.</summary>
    static ModelOptions Fitting(TaskOptions task, DataOptions data, ModelOptions model)
    {
        if (model.Residual) model = model with { Layers = [.. Enumerable.Repeat(model.Layers[0], 2)] };
        if (task is not LanguageModelTask) return model with { Tied = false };
        return model.Tied ? model with { Embedding = ModelRules.OutputSizeOf(model.Layers[^1]) } : model;
    }

    static Gen<LossOptions> Loss(TaskOptions task) => task.HasClasses
        ? BelowOne.Select(smoothing => (LossOptions)new CrossEntropyOptions { Smoothing = smoothing })
        : Gen.OneOf(
            Gen.Constant((LossOptions)new SquaredErrorOptions()), Gen.Constant(task.HasWindows ? (LossOptions)new SquaredErrorOptions() : new BinaryCrossEntropyOptions()),
            Positive.Select(delta => (LossOptions)new HuberOptions { Delta = delta }));

    static Gen<DecoderOptions> Decoder =>
        from layer in Layer(directions: false)
        from attention in Gen.Elements(AttentionKind.None, AttentionKind.General, AttentionKind.Additive)
        from feeding in Gen.Elements(true, false)
        from rate in BelowOne
        from tied in Gen.Elements(true, false)
        from embedding in Count(65536)
        select new DecoderOptions
        {
            Layers = [layer with { LearnedState = false }],
            Attention = attention,
            InputFeeding = feeding && attention != AttentionKind.None,
            ScheduledSampling = rate,
            Tied = tied,
            Embedding = tied ? ModelRules.OutputSizeOf(layer) : embedding,
        };

    static Gen<LayerOptions> Layer(bool directions) =>
        from layer in Gen.OneOf(
            Lstm,
            from units in Count(65536) select (LayerOptions)new GruLayerOptions { Units = units },
            from units in Count(65536) select (LayerOptions)new RnnLayerOptions { Units = units })
        from merge in directions ? Gen.Elements(Enum.GetValues<DirectionMerge>()) : Gen.Constant(DirectionMerge.None)
        from kernel in Gen.Elements(Enum.GetValues<InitialKernel>())
        from recurrent in Gen.Elements(Enum.GetValues<InitialKernel>())
        from learned in Gen.Elements(true, false)
        select layer with { Bidirectional = merge, Initialization = new InitializationOptions { Kernel = kernel, Recurrent = recurrent }, LearnedState = learned };

    static Gen<LayerOptions> Lstm =>
        from units in Count(65536)
        from bias in ArbMap.Default.GeneratorFor<double>().Where(double.IsFinite)
        from flags in Gen.Choose(0, 7)
        from projection in Gen.Choose(0, 65536)
        from clip in Gen.Elements(0.0, 0.5, 3)
        from rates in Gen.ArrayOf(BelowOne, 3)
        select (LayerOptions)new LstmLayerOptions
        {
            Units = units,
            ForgetBias = bias,
            InputBias = (flags & 12) == 0 ? bias / 2 : null,
            OutputBias = (flags & 8) != 0 ? -bias : null,
            Peephole = (flags & 1) != 0,
            LayerNorm = (flags & 2) != 0,
            CoupledInputForget = (flags & 4) != 0,
            Projection = projection,
            CellClip = clip,
            RecurrentDropout = rates[0],
            ZoneoutHidden = rates[1],
            ZoneoutCell = rates[2],
        };

    static Gen<TrainingOptions> Training =>
        from shards in Count(16)
        from rows in Count(16)
        from length in Count(65536)
        from recompute in Gen.Choose(0, 100)
        from gradients in Gen.Elements(Enum.GetValues<LstmCluster.Compute.GradientPrecision>())
        from precision in Gen.Elements(Enum.GetValues<LstmCluster.Compute.ComputePrecision>())
        from steps in Count(int.MaxValue)
        from optimizer in Optimizer
        from schedule in Schedule(steps)
        from clip in Gen.OneOf(Gen.Constant<ClipOptions>(new NoClip()), Positive.Select(x => (ClipOptions)new ClipByNorm(x)), Positive.Select(x => (ClipOptions)new ClipByValue(x)))
        from every in Gen.OneOf(Count(int.MaxValue).Select(n => (CheckpointInterval)new CheckpointBySteps(n)), Count(int.MaxValue).Select(n => (CheckpointInterval)new CheckpointByTime(TimeSpan.FromMilliseconds(n))))
        from rates in Gen.Elements<ValueList<LayerRate>>([], [new("embedding", 0.1)], [new("layers.0", 0), new("head", 2.5), new("layers", 1e-9), new("layers.0.bias_ih_l0", 1)])
        from average in Gen.OneOf(Gen.Constant<AverageOptions>(new NoAverage()), BelowOne.Select(x => (AverageOptions)new AverageByDecay(x)))
        from keep in Count(int.MaxValue)
        from validate in Gen.Choose(0, int.MaxValue)
        from keepBest in Gen.Elements(true, false)
        from patience in Gen.Choose(0, 9)
        from first in Gen.Choose(0, 9)
        select new TrainingOptions
        {
            Batch = shards * rows,
            Shards = shards,
            Length = length,
            Growth = new GrowthOptions { From = first, Every = 1 + patience, To = first > 5 ? first + patience : 0 },
            Recompute = 64 * recompute,
            Gradients = gradients,
            Precision = precision,
            Steps = steps,
            Optimizer = optimizer,
            Schedule = schedule,
            Clip = clip,
            Rates = rates,
            Average = average,
            Checkpoint = new CheckpointOptions { Every = every, Keep = keep },
            Validate = new ValidateOptions { Every = validate },
            KeepBest = keepBest,
            StopEarly = new StopEarlyOptions { Patience = patience },
        };

    /// <summary>What is decided by validations needs some, and a figure that the task has.</summary>
    static TrainingOptions Fitting(TaskOptions task, DataOptions data, TrainingOptions training)
    {
        var validates = training.Validate.Every > 0 && data.Validation > 0;
        return training with
        {
            Growth = task is TaggerTask or RegressorTask { Answers: RegressorAnswers.Step } ? training.Growth : new GrowthOptions(),
            Rates = RatesFor(task, data, training.Rates),
            KeepBest = validates && training.KeepBest,
            StopEarly = validates ? training.StopEarly : new StopEarlyOptions(),
            Validate = training.Validate with
            {
                Metric = task switch
                {
                    ClassifierTask or TaggerTask => ValidationMetric.F1,
                    SequenceToSequenceTask => ValidationMetric.Accuracy,
                    LanguageModelTask => ValidationMetric.Loss,
                    _ => ValidationMetric.MeanAbsoluteError,
                },
                Class = task is TaggerTask ? "NOUN" : null,
            },
        };
    }

    static Gen<OptimizerOptions> Optimizer => Gen.OneOf(
        from rate in Positive from momentum in BelowOne from decay in Positive select (OptimizerOptions)new SgdOptions { Rate = rate, Momentum = momentum, WeightDecay = decay },
        from rate in Positive from beta1 in BelowOne from beta2 in BelowOne from epsilon in Positive select (OptimizerOptions)new AdamOptions { Rate = rate, Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon },
        from rate in Positive from beta1 in BelowOne from beta2 in BelowOne from decay in Positive select (OptimizerOptions)new AdamWOptions { Rate = rate, Beta1 = beta1, Beta2 = beta2, WeightDecay = decay },
        from rate in Positive from alpha in BelowOne from momentum in BelowOne from centered in Gen.Elements(true, false) from decay in Positive select (OptimizerOptions)new RmsPropOptions { Rate = rate, Alpha = alpha, Momentum = momentum, Centered = centered, WeightDecay = decay },
        from rate in Positive from slower in Positive from start in Positive from epsilon in Positive select (OptimizerOptions)new AdagradOptions { Rate = rate, RateDecay = slower, InitialAccumulator = start, Epsilon = epsilon },
        from rate in Positive from beta1 in BelowOne from beta2 in BelowOne from growth in Positive from decay in Positive select (OptimizerOptions)new NadamOptions { Rate = rate, Beta1 = beta1, Beta2 = beta2, MomentumDecay = growth, WeightDecay = decay });

    static Gen<ScheduleOptions> Schedule(int runSteps) => Gen.OneOf(
        Gen.Constant<ScheduleOptions>(new ConstantScheduleOptions()),
        Count(int.MaxValue).Select(n => (ScheduleOptions)new WarmupScheduleOptions { Steps = n }),
        from floor in BelowOne from warmup in Gen.Choose(0, runSteps - 1) select (ScheduleOptions)new CosineScheduleOptions { Steps = runSteps, Floor = floor, Warmup = warmup },
        from every in Count(int.MaxValue) from factor in BelowOne select (ScheduleOptions)new StepScheduleOptions { Every = every, Factor = 1 - factor });
}
