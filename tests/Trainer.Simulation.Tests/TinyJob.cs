using System.Text;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Simulation;

namespace Trainer.Simulation.Tests;

/// <summary>A job that takes milliseconds: a few hundred tokens, eight shards, dropout, state carried over several passes, and parameters in three blocks, so that up to three servers keep them.</summary>
static class TinyJob
{
    const int Letters = 9, TextLength = 600;

    static readonly Lazy<ReferenceRun> s_reference = new(() => ReferenceRun.Of(Of(steps: 14)));

    static readonly Lazy<ReferenceRun> s_early = new(() => ReferenceRun.Of(Early()));

    static readonly Lazy<ReferenceRun> s_rows = new(() => ReferenceRun.Of(Rows()));

    /// <summary>The job that most tests simulate, run undisturbed.</summary>
    public static ReferenceRun Reference => s_reference.Value;

    /// <summary>A job that learns its text by heart, so that its validations become worse and it ends early with the weights of the best one, run undisturbed.</summary>
    public static ReferenceRun EarlyReference => s_early.Value;

    /// <summary>A tagger of short rows that reads words and their characters, run undisturbed: its messages have what those of a text lack.</summary>
    public static ReferenceRun RowsReference => s_rows.Value;

    /// <summary>Steps of it that are left out or not.</summary>
    public const int StepsOfEarly = 60;

    static SimulatedJob Early()
    {
        var job = Of(StepsOfEarly);
        return new SimulatedJob(
            job.Job with
            {
                Training = job.Job.Training with
                {
                    Optimizer = new AdamOptions { Rate = 0.03 },
                    Validate = new ValidateOptions { Every = 2 },
                    KeepBest = true,
                    StopEarly = new StopEarlyOptions { Patience = 3 },
                    Checkpoint = new CheckpointOptions { Every = new CheckpointBySteps(3), Keep = 1 },
                },
            },
            job.Data);
    }

    static SimulatedJob Rows()
    {
        var text = new StringBuilder("in\tout\n");
        for (var row = 0; row < 90; row++)
        {
            int[] numbers = [.. Enumerable.Range(0, 2 + (row * 7 % 5)).Select(t => ((row * row) + (t * t * 3) + (row * t)) % 23)];
            text.AppendJoin(' ', numbers).Append('\t').AppendJoin(' ', numbers.Select(number => number > 11 ? "high" : "low")).Append('\n');
        }

        var tiny = Of(steps: 10).Job;
        var job = tiny with
        {
            Task = new TaggerTask(),
            Data = new DataOptions
            {
                Source = "rows.tsv",
                Format = DataFormat.Tsv,
                Input = "in",
                Target = "out",
                Tokens = TokenKind.Word,
                Vocabulary = 9,
                Split = SplitKind.Order,
                Validation = 0.2,
            },
            Model = tiny.Model with { Characters = new CharacterOptions { Embedding = 4, Units = 3 }, WordDropout = 0.2 },
            Training = tiny.Training with { Length = 6 },
        };
        return new SimulatedJob(job, SampleData.Read(new StringReader(text.ToString()), job, "rows.tsv"));
    }

    public static SimulatedJob Of(int steps)
    {
        var job = new Job
        {
            Name = "tiny",
            Seed = 7,
            Task = new LanguageModelTask(),
            Data = new DataOptions { Source = "text", Split = SplitKind.Order, Validation = 0.2 },
            Model = new ModelOptions { Embedding = 12, Layers = [new LstmLayerOptions { Units = 40 }], Dropout = 0.3, Loss = new CrossEntropyOptions() },
            Training = new TrainingOptions
            {
                Batch = 16,
                Length = 5,
                Shards = 8,
                Steps = steps,
                Optimizer = new AdamOptions { Rate = 0.01 },
                Clip = new ClipByNorm(0.5),
                Validate = new ValidateOptions { Every = 6 },
                Checkpoint = new CheckpointOptions { Every = new CheckpointBySteps(3) },
            },
        };
        return new SimulatedJob(job, Text(job));
    }

    /// <summary>A text without repetition, of which a pass has six steps.</summary>
    static TextData Text(Job job)
    {
        var (text, state) = (new int[TextLength], 12345u);
        for (var index = 0; index < text.Length; index++)
        {
            state = (state * 1664525) + 1013904223;
            text[index] = (int)(state >> 16) % Letters;
        }

        return TextData.Cut(new TokenizedText(Vocabulary.Parse("char:abcdefghi"), TokenSequence.Of(text, Letters)), job, "text");
    }
}
