using System.Text;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Coordinator.Tests;

/// <summary>Jobs over rows that take milliseconds: some seventy ragged rows, eight shards of unequal size at the end of a pass, dropout, several passes.</summary>
static class TinyRows
{
    public static Job Classifier(int steps) => Of(new ClassifierTask(), steps, new ModelOptions
    {
        Embedding = 5,
        Layers = [new LstmLayerOptions { Units = 6, Bidirectional = DirectionMerge.Concatenate }, new GruLayerOptions { Units = 4 }],
        Dropout = 0.3,
        Pooling = PoolingKind.Max,
        Loss = new CrossEntropyOptions { Smoothing = 0.1 },
    });

    public static Job Tagger(int steps) => Of(new TaggerTask(), steps, new ModelOptions
    {
        Embedding = 5,
        Layers =
        [
            new GruLayerOptions { Units = 5, Bidirectional = DirectionMerge.Sum },
            new LstmLayerOptions { Units = 5, Bidirectional = DirectionMerge.Average, RecurrentDropout = 0.2, LearnedState = true },
        ],
        Residual = true,
        LayerNorm = true,
        Dropout = 0.2,
        Loss = new CrossEntropyOptions(),
    });

    /// <summary>A tagger that reads words and their characters.</summary>
    public static Job Speller(int steps)
    {
        var tagger = Tagger(steps);
        return tagger with
        {
            Data = tagger.Data with { Vocabulary = 4 },
            Model = tagger.Model with { Characters = new CharacterOptions { Embedding = 4, Units = 3 }, WordDropout = 0.2, InputDropout = 0.1 },
        };
    }

    public static Job Regressor(int steps) => Of(new RegressorTask { Outputs = 2 }, steps, new ModelOptions
    {
        Layers = [new RnnLayerOptions { Units = 6 }, new LstmLayerOptions { Units = 5, ZoneoutHidden = 0.2 }],
        Dropout = 0.1,
        Pooling = PoolingKind.Mean,
        Loss = new HuberOptions { Delta = 0.5 },
    });

    public static Job Translator(int steps) => Of(new SequenceToSequenceTask(), steps, new ModelOptions
    {
        Embedding = 4,
        Layers = [new LstmLayerOptions { Units = 5, Bidirectional = DirectionMerge.Concatenate }],
        Dropout = 0.2,
        Decoder = new DecoderOptions
        {
            Embedding = 6,
            Layers = [new LstmLayerOptions { Units = 6, RecurrentDropout = 0.1 }, new GruLayerOptions { Units = 6 }],
            Attention = AttentionKind.Additive,
            InputFeeding = true,
            ScheduledSampling = 0.3,
            Tied = true,
        },
        Loss = new CrossEntropyOptions { Smoothing = 0.1 },
    });

    public static SampleData Data(Job job) => SampleData.Read(new StringReader(Text(job.Task)), job, "rows.tsv");

    /// <summary>Rows that follow from their number.</summary>
    public static string Text(TaskOptions task)
    {
        var text = new StringBuilder("in\tout\n");
        for (var row = 0; row < 90; row++)
        {
            int[] numbers = [.. Enumerable.Range(0, 2 + (row * 7 % 5)).Select(t => ((row * row) + (t * t * 3) + (row * t)) % 7)];
            text.Append(task is RegressorTask ? string.Join(' ', numbers.SelectMany(number => new[] { number * 0.25, 1 - (number * 0.5) })) : string.Join(' ', numbers)).Append('\t');
            text.AppendLine(task switch
            {
                ClassifierTask => numbers.Sum() % 2 == 0 ? "even" : "odd",
                TaggerTask => string.Join(' ', numbers.Select(number => number > 3 ? "high" : "low")),
                RegressorTask => $"{numbers.Sum() * 0.1} {numbers[0]}",
                _ => string.Concat(numbers.Reverse()),
            });
        }

        return text.ToString();
    }

    static Job Of(TaskOptions task, int steps, ModelOptions model)
    {
        var tiny = TinyJob.Of(steps, validateEvery: 4);
        return tiny with
        {
            Task = task,
            Data = new DataOptions
            {
                Source = "rows.tsv",
                Format = DataFormat.Tsv,
                Input = "in",
                Target = "out",
                Tokens = task is RegressorTask ? TokenKind.Numbers : TokenKind.Word,
                Features = task is RegressorTask ? 2 : null,
                TargetTokens = task is SequenceToSequenceTask ? TokenKind.Character : null,
                Longer = LongerRows.Fail,
                Validation = 0.25,
            },
            Model = model,
            Training = tiny.Training with { Batch = 16, Length = 10 },
        };
    }
}
