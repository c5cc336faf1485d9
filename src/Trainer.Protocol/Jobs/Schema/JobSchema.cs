namespace LstmCluster.Protocol;

/// <summary>
/// Every key of a job file, once: its type, range, meaning, and whether a resumed run may change it. Add a key, kind or task in the schema of its section,
/// and what it needs of other sections in <see cref="DataRules"/> or <see cref="ModelRules"/>.
/// </summary>
static class JobSchema
{
    static readonly ChoiceValue<RegressorAnswers> s_answers = new(("sequence", RegressorAnswers.Sequence), ("step", RegressorAnswers.Step));

    static readonly ChoiceValue<WindowBase> s_base = new(("none", WindowBase.None), ("last", WindowBase.Last), ("mean", WindowBase.Mean), ("season", WindowBase.Season));

    static readonly NumberValue s_quantile = new("a number above 0 and below 1", "above 0, below 1", x => x is > 0 and < 1);

    static readonly OneOf<TaskOptions> s_task = new(
        Kind.Bare<TaskOptions, LanguageModelTask>("language-model", new LanguageModelTask()),
        Kind.Bare<TaskOptions, ClassifierTask>("classifier", new ClassifierTask()),
        Kind.Bare<TaskOptions, TaggerTask>("tagger", new TaggerTask()),
        Kind.Options<TaskOptions, RegressorTask>("regressor", new Section<RegressorTask>(
            new RegressorTask(),
            [
                new SectionKey<RegressorTask, int>("outputs", "Numbers of a target", new IntegerValue(1, 1 << 16), x => x.Outputs, (x, v) => x with { Outputs = v }),
                new SectionKey<RegressorTask, RegressorAnswers>("answers", "What it gives an answer to: the sequence, or each of its time steps", s_answers, x => x.Answers, (x, v) => x with { Answers = v }),
                new SectionKey<RegressorTask, double>("tolerance", "A number that is off by less counts as right when the model is judged; 0 means that none is counted", NumberValue.NonNegative, x => x.Tolerance, (x, v) => x with { Tolerance = v }),
            ])),
        Kind.Options<TaskOptions, ForecasterTask>("forecaster", new Section<ForecasterTask>(new ForecasterTask { Context = 0, Horizon = 0 }, Windows<ForecasterTask>())),
        Kind.Options<TaskOptions, AnomalyTask>("anomaly", new Section<AnomalyTask>(
            new AnomalyTask { Context = 0, Horizon = 0 },
            [
                .. Windows<AnomalyTask>(),
                new SectionKey<AnomalyTask, string>("label", "Name of the column in which rows that are known to be out of the ordinary have another number than zero; used for scoring only", new TextValue(), x => x.Label, (x, v) => x with { Label = v }),
                new SectionKey<AnomalyTask, double>("quantile", "Share of the rows trained on whose error is at most the threshold above which a row is called out of the ordinary", s_quantile, x => x.Quantile, (x, v) => x with { Quantile = v }) { MayChange = true },
            ])),
        Kind.Bare<TaskOptions, SequenceToSequenceTask>("seq2seq", new SequenceToSequenceTask()));

    /// <summary>The whole job file.</summary>
    public static Section<Job> Job { get; } = new(
        new Job { Name = "", Task = new LanguageModelTask(), Data = new DataOptions { Source = "" }, Model = new ModelOptions { Layers = [] }, Training = new TrainingOptions { Steps = 0 } },
        [
            new SectionKey<Job, string>("name", "Name of the job and of its run directory", new NameValue(), x => x.Name, (x, v) => x with { Name = v }) { Required = true, MayChange = true },
            new SectionKey<Job, ulong>("seed", "Seed of all randomness", new SeedValue(), x => x.Seed, (x, v) => x with { Seed = v }),
            new SectionKey<Job, TaskOptions>("task", "What the network learns to do", s_task, x => x.Task, (x, v) => x with { Task = v }) { Required = true },
            new SectionKey<Job, DataOptions>("data", "Where the data come from", DataSchema.Data, x => x.Data, (x, v) => x with { Data = v }) { Required = true },
            new SectionKey<Job, ModelOptions>("model", "The network", ModelSchema.Model, x => x.Model, (x, v) => x with { Model = v }) { Required = true },
            new SectionKey<Job, TrainingOptions>("training", "How it is trained", TrainingSchema.Training, x => x.Training, (x, v) => x with { Training = v }) { Required = true },
        ],
        (job, places) =>
        {
            job = ModelRules.Apply(DataRules.Apply(job, places), places);
            RatesValue.Check(job, places);
            ValidationRules.Check(job, places);
            if (job.Training.Growth.From > 0 && job.Task is not (TaggerTask or RegressorTask { Answers: RegressorAnswers.Step }))
                throw places.Error("training.growth.from", $"is for tasks with an answer at each step of a row, a tagger or a regressor with answers: step: a {NameOf(job.Task)} needs its rows whole");
            return job;
        });

    static SectionKey<T>[] Windows<T>() where T : WindowTask =>
    [
        new SectionKey<T, int>("context", "Rows that are read before the first one that is told", new IntegerValue(1, 1 << 16), x => x.Context, (x, v) => x with { Context = v }) { Required = true },
        new SectionKey<T, int>("horizon", "Rows that are told", new IntegerValue(1, 1 << 16), x => x.Horizon, (x, v) => x with { Horizon = v }) { Required = true },
        new SectionKey<T, int>("stride", "Rows from the beginning of one window to that of the next", new IntegerValue(1, 1 << 16), x => x.Stride, (x, v) => x with { Stride = v }),
        new SectionKey<T, WindowBase>("relativeTo", "What targets are counted from: the mean of what is trained on, or of the window's context the last number, the mean, or the mean of the rows at the same place of the season", s_base, x => x.RelativeTo, (x, v) => x with { RelativeTo = v }),
        new SectionKey<T, int>("season", "Rows after which a series repeats itself, such as 7 for days: forecasts are compared with that, and `relativeTo: season` goes by it; at most `context`", new IntegerValue(1, 1 << 16), x => x.Season, (x, v) => x with { Season = v }),
    ];

    /// <summary>A task as a job file names it.</summary>
    public static string NameOf(TaskOptions task) => s_task.NameOf(task);
}
