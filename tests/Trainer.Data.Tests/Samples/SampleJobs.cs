using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>Jobs over rows, for the tests.</summary>
static class SampleJobs
{
    public static Job Of(TaskOptions task, TokenKind tokens = TokenKind.Word, int shards = 1, int batch = 4, int length = 8) => new()
    {
        Name = "x",
        Task = task,
        Data = new DataOptions
        {
            Source = "rows.tsv",
            Format = DataFormat.Tsv,
            Input = "in",
            Target = "out",
            Tokens = tokens,
            Features = tokens == TokenKind.Numbers ? 2 : null,
            TargetTokens = task is SequenceToSequenceTask ? TokenKind.Character : null,
            Longer = LongerRows.Fail,
            Validation = 0,
        },
        Model = new ModelOptions { Layers = [new LstmLayerOptions { Units = 1 }] },
        Training = new TrainingOptions { Batch = batch, Length = length, Shards = shards, Steps = 1 },
    };

    public static Job With(this Job job, Func<DataOptions, DataOptions> change) => job with { Data = change(job.Data) };

    public static SampleData Read(this Job job, string text) => SampleData.Read(new StringReader(text), job, "rows.tsv");

    public static string Refusal(this Job job, string text) => Should.Throw<UserErrorException>(() => job.Read(text)).Message;

    public static int[] Tokens(this SampleSet set, int index) => set[index].Tokens;
}
