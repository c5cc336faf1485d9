namespace LstmCluster.Protocol;

/// <summary>Every key of a job file, once: its type, range, meaning, and whether a resumed run may change it. Add a key, kind or task here.</summary>
static class JobSchema
{
    const int LargestSize = 1 << 16;
    const int MostLayers = 64;

    // Token positions of a step are indexed with 32-bit integers, with room for the features of each.
    const int MostTokensPerStep = 1 << 24;

    static readonly OneOf<TaskOptions> s_task = new(Kind.Bare<TaskOptions, LanguageModelTask>("language-model", new LanguageModelTask()));

    static readonly Section<DataOptions> s_data = new(
        new DataOptions { Source = "" },
        [
            new SectionKey<DataOptions, string>("source", "A file, relative to the current directory, or `npm:PACKAGE@VERSION#FILE`", new TextValue(), x => x.Source, (x, v) => x with { Source = v }) { Required = true },
            new SectionKey<DataOptions, TokenKind>("tokens", "What one token is: a Unicode code point or a byte", new ChoiceValue<TokenKind>(("char", TokenKind.Character), ("byte", TokenKind.Byte)), x => x.Tokens, (x, v) => x with { Tokens = v }),
            new SectionKey<DataOptions, double>("validation", "Fraction of the tokens, the last ones, kept for validation; 0 means none", NumberValue.BelowOne, x => x.Validation, (x, v) => x with { Validation = v }),
        ]);

    static readonly OneOf<LayerOptions> s_layer = new(
        Kind.Options<LayerOptions, LstmLayerOptions>("lstm", new Section<LstmLayerOptions>(
            new LstmLayerOptions { Units = 0 },
            [
                new SectionKey<LstmLayerOptions, int>("units", "Units of the layer", new IntegerValue(1, LargestSize), x => x.Units, (x, v) => x with { Units = v }) { Required = true },
                new SectionKey<LstmLayerOptions, double>("forgetBias", "What the forget gate's bias starts at", NumberValue.Any, x => x.ForgetBias, (x, v) => x with { ForgetBias = v }),
                new SectionKey<LstmLayerOptions, bool>("peephole", "The gates see the cell through diagonal weights", new FlagValue(), x => x.Peephole, (x, v) => x with { Peephole = v }),
                new SectionKey<LstmLayerOptions, bool>("layerNorm", "Both products and the cell are normalised", new FlagValue(), x => x.LayerNorm, (x, v) => x with { LayerNorm = v }),
                new SectionKey<LstmLayerOptions, bool>("coupledInputForget", "The forget gate is one minus the input gate", new FlagValue(), x => x.CoupledInputForget, (x, v) => x with { CoupledInputForget = v }),
                new SectionKey<LstmLayerOptions, int>("projection", "Features of the projected hidden state; 0 means no projection", new IntegerValue(0, LargestSize), x => x.Projection, (x, v) => x with { Projection = v }),
                new SectionKey<LstmLayerOptions, double>("cellClip", "Largest magnitude of the cell; 0 means no limit", NumberValue.NonNegative, x => x.CellClip, (x, v) => x with { CellClip = v }),
                new SectionKey<LstmLayerOptions, double>("recurrentDropout", "Rate at which features of the hidden state are dropped before the recurrent product, with one mask for all time steps", NumberValue.BelowOne, x => x.RecurrentDropout, (x, v) => x with { RecurrentDropout = v }),
                new SectionKey<LstmLayerOptions, double>("zoneoutHidden", "Rate at which features of the hidden state keep their old value", NumberValue.BelowOne, x => x.ZoneoutHidden, (x, v) => x with { ZoneoutHidden = v }),
                new SectionKey<LstmLayerOptions, double>("zoneoutCell", "Rate at which features of the cell keep their old value", NumberValue.BelowOne, x => x.ZoneoutCell, (x, v) => x with { ZoneoutCell = v }),
            ])),
        Kind.Options<LayerOptions, GruLayerOptions>("gru", new Section<GruLayerOptions>(
            new GruLayerOptions { Units = 0 },
            [
                new SectionKey<GruLayerOptions, int>("units", "Units of the layer", new IntegerValue(1, LargestSize), x => x.Units, (x, v) => x with { Units = v }) { Required = true },
            ])),
        Kind.Options<LayerOptions, RnnLayerOptions>("rnn", new Section<RnnLayerOptions>(
            new RnnLayerOptions { Units = 0 },
            [
                new SectionKey<RnnLayerOptions, int>("units", "Units of the layer", new IntegerValue(1, LargestSize), x => x.Units, (x, v) => x with { Units = v }) { Required = true },
            ])));

    static readonly Section<ModelOptions> s_model = new(
        new ModelOptions { Layers = [] },
        [
            new SectionKey<ModelOptions, int>("embedding", "Features of a token's embedding", new IntegerValue(1, LargestSize), x => x.Embedding, (x, v) => x with { Embedding = v }),
            new SectionKey<ModelOptions, ValueList<LayerOptions>>("layers", "The recurrent layers from the input up", new ListOf<LayerOptions>(s_layer, MostLayers), x => x.Layers, (x, v) => x with { Layers = v }) { Required = true },
            new SectionKey<ModelOptions, double>("dropout", "Probability that a feature is dropped after each layer in training", NumberValue.BelowOne, x => x.Dropout, (x, v) => x with { Dropout = v }),
        ]);

    static readonly OneOf<ClipOptions> s_clip = new(
        Kind.Bare<ClipOptions, NoClip>("none", new NoClip()),
        new Kind<ClipOptions, ClipByNorm, double>("norm", NumberValue.Positive, v => new ClipByNorm(v), x => x.Norm) { Meaning = "The whole gradient is scaled so that its L2 norm is at most this" },
        new Kind<ClipOptions, ClipByValue, double>("value", NumberValue.Positive, v => new ClipByValue(v), x => x.Value) { Meaning = "Each element of the gradient is limited to this absolute value" });

    static readonly OneOf<AverageOptions> s_average = new(
        Kind.Bare<AverageOptions, NoAverage>("none", new NoAverage()),
        new Kind<AverageOptions, AverageByDecay, double>("decay", NumberValue.BelowOne, v => new AverageByDecay(v), x => x.Decay) { Meaning = "Share of the average that a step keeps, once it has seen enough of them" });

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
        ]);

    static readonly Section<TrainingOptions> s_training = new(
        new TrainingOptions { Steps = 0 },
        [
            new SectionKey<TrainingOptions, int>("batch", "Rows of a step's batch: the contiguous streams that the text is cut into", new IntegerValue(1, LargestSize), x => x.Batch, (x, v) => x with { Batch = v }),
            new SectionKey<TrainingOptions, int>("length", "Time steps of a step: how far back the gradient reaches", new IntegerValue(1, LargestSize), x => x.Length, (x, v) => x with { Length = v }),
            new SectionKey<TrainingOptions, int>("shards", "Equal parts of a step's batch, the unit of work of a worker; divides `training.batch`", new IntegerValue(1, LargestSize), x => x.Shards, (x, v) => x with { Shards = v }),
            new SectionKey<TrainingOptions, int>("steps", "Optimizer steps of the whole run", new IntegerValue(1), x => x.Steps, (x, v) => x with { Steps = v }) { Required = true, MayChange = true },
            new SectionKey<TrainingOptions, OptimizerOptions>("optimizer", "What turns a gradient into a change of the weights", OptimizerSchema.Optimizer, x => x.Optimizer, (x, v) => x with { Optimizer = v }),
            new SectionKey<TrainingOptions, ScheduleOptions>("schedule", "How the learning rate changes over the steps", OptimizerSchema.Schedule, x => x.Schedule, (x, v) => x with { Schedule = v }) { MayChange = true },
            new SectionKey<TrainingOptions, ClipOptions>("clip", "How a large gradient is made smaller, once, after averaging", s_clip, x => x.Clip, (x, v) => x with { Clip = v }) { MayChange = true },
            new SectionKey<TrainingOptions, ValueList<LayerRate>>("rates", "Factors of the learning rate by layer; 0 freezes it", new RatesValue(), x => x.Rates, (x, v) => x with { Rates = v }) { MayChange = true },
            new SectionKey<TrainingOptions, AverageOptions>("average", "Whether a moving average of the weights is validated and kept as the result instead of the last ones", s_average, x => x.Average, (x, v) => x with { Average = v }),
            new SectionKey<TrainingOptions, CheckpointOptions>("checkpoint", "When checkpoints are written and how many are kept", s_checkpoint, x => x.Checkpoint, (x, v) => x with { Checkpoint = v }) { MayChange = true },
            new SectionKey<TrainingOptions, ValidateOptions>("validate", "When the validation loss is taken", s_validate, x => x.Validate, (x, v) => x with { Validate = v }) { MayChange = true },
        ],
        CheckTraining);

    /// <summary>The whole job file.</summary>
    public static Section<Job> Job { get; } = new(
        new Job { Name = "", Task = new LanguageModelTask(), Data = new DataOptions { Source = "" }, Model = new ModelOptions { Layers = [] }, Training = new TrainingOptions { Steps = 0 } },
        [
            new SectionKey<Job, string>("name", "Name of the job and of its run directory", new NameValue(), x => x.Name, (x, v) => x with { Name = v }) { Required = true, MayChange = true },
            new SectionKey<Job, ulong>("seed", "Seed of all randomness", new SeedValue(), x => x.Seed, (x, v) => x with { Seed = v }),
            new SectionKey<Job, TaskOptions>("task", "What the network learns to do", s_task, x => x.Task, (x, v) => x with { Task = v }) { Required = true },
            new SectionKey<Job, DataOptions>("data", "Where the data come from", s_data, x => x.Data, (x, v) => x with { Data = v }) { Required = true },
            new SectionKey<Job, ModelOptions>("model", "The network", s_model, x => x.Model, (x, v) => x with { Model = v }) { Required = true },
            new SectionKey<Job, TrainingOptions>("training", "How it is trained", s_training, x => x.Training, (x, v) => x with { Training = v }) { Required = true },
        ],
        (job, places) =>
        {
            RatesValue.Check(job, places);
            return job;
        });

    static TrainingOptions CheckTraining(TrainingOptions training, SectionPlaces places)
    {
        if (training.Batch % training.Shards != 0)
            throw places.Error("shards", $"must divide {places.Name("batch")}, got {training.Shards} for a batch of {training.Batch}");
        if ((long)training.Batch * training.Length > MostTokensPerStep)
            throw places.Error("length", $"times {places.Name("batch")} must be at most {MostTokensPerStep} tokens a step, got {training.Length} x {training.Batch}");
        if (training.Schedule is not CosineScheduleOptions cosine)
            return training;
        // A resumed run with more steps stretches its cosine too, unless the file fixes it.
        var steps = cosine.Steps ?? training.Steps;
        if (cosine.Warmup >= steps)
            throw places.Error("schedule.cosine.warmup", $"must be fewer steps than {(cosine.Steps is null ? places.Name("steps") : places.Name("schedule.cosine.steps"))}, got {cosine.Warmup} of {steps}");
        return training with { Schedule = cosine with { Steps = steps } };
    }
}
