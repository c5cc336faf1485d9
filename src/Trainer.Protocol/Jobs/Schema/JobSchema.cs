namespace LstmCluster.Protocol;

/// <summary>
/// Every key of a job file, once: its type, range, meaning, and whether a resumed run may change it. Add a key, kind or task in the schema of its section,
/// and what it needs of other sections in <see cref="DataRules"/> or <see cref="ModelRules"/>.
/// </summary>
static class JobSchema
{
    static readonly OneOf<TaskOptions> s_task = new(
        Kind.Bare<TaskOptions, LanguageModelTask>("language-model", new LanguageModelTask()),
        Kind.Bare<TaskOptions, ClassifierTask>("classifier", new ClassifierTask()),
        Kind.Bare<TaskOptions, TaggerTask>("tagger", new TaggerTask()),
        Kind.Options<TaskOptions, RegressorTask>("regressor", new Section<RegressorTask>(
            new RegressorTask(),
            [
                new SectionKey<RegressorTask, int>("outputs", "Numbers of a target", new IntegerValue(1, 1 << 16), x => x.Outputs, (x, v) => x with { Outputs = v }),
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
            return job;
        });

    /// <summary>A task as a job file names it.</summary>
    public static string NameOf(TaskOptions task) => s_task.NameOf(task);
}
