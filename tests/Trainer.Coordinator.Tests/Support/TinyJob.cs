using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>A job that takes milliseconds: a few hundred tokens, eight shards, dropout and state carried over several passes.</summary>
static class TinyJob
{
    public const int Shards = 8;

    public static Job Of(int steps, int validateEvery = 0, ClipOptions? clip = null, OptimizerOptions? optimizer = null, CheckpointInterval? every = null) => new()
    {
        Name = "tiny",
        Seed = 7,
        Task = new LanguageModelTask(),
        Data = new DataOptions { Source = "text", Split = SplitKind.Order, Validation = 0.2 },
        Model = new ModelOptions
        {
            Embedding = 5,
            Layers = [new LstmLayerOptions { Units = 6 }, new LstmLayerOptions { Units = 7 }],
            Dropout = 0.3,
            Loss = new CrossEntropyOptions(),
        },
        Training = new TrainingOptions
        {
            Batch = 16,
            Length = 5,
            Shards = Shards,
            Steps = steps,
            Optimizer = optimizer ?? new AdamOptions { Rate = 0.01 },
            Clip = clip ?? new ClipByNorm(0.5),
            Validate = new ValidateOptions { Every = validateEvery },
            Checkpoint = new CheckpointOptions { Every = every ?? new CheckpointBySteps(4) },
        },
    };

    /// <summary>Of whatever kind the job's task needs.</summary>
    public static JobData Data(Job job) => job.Task.HasRows ? TinyRows.Data(job) : Text(job);

    /// <summary>A text of 600 tokens of 9 kinds: six training steps a pass.</summary>
    public static TextData Text(Job job)
    {
        var text = new int[600];
        for (var index = 0; index < text.Length; index++) text[index] = (index * index / 3) % 9;
        return TextData.Cut(new TokenizedText(Vocabulary.Parse("char:abcdefghi"), TokenSequence.Of(text, 9)), job, "text");
    }

    public static Model Model(Job job) => ModelMapping.Of(job, Data(job).Encoding);

    /// <summary>A parameter server that keeps a part, cut into buckets as they are cut everywhere.</summary>
    public static ParameterServer Server(ParameterStart part, Job job, Model model, ActorRef coordinator, Term term, PayloadPool pool) => new(
        new ParameterState(
            LstmCluster.Compute.Cpu.CpuDevice.Create(), UpdateMapping.Of(job.Training, model.Parameters), ParameterSlice.Of(model.Parameters.Length, part.Slice), part, pool),
        new ShardTree(job.Training.Shards), coordinator, term, pool, job.Training.Gradients);
}
