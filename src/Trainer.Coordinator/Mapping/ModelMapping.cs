using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>From a job to its model.</summary>
public static class ModelMapping
{
    /// <summary>The model of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="encoding">What its data made of tokens and classes.</param>
    public static Model Of(Job job, DataEncoding encoding)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(encoding);
        return job.Task is SequenceToSequenceTask ? TranslationMapping.Of(job, encoding) : OneSequence(job, encoding);
    }

    /// <summary>Outputs of a job's model at a position: scores of classes, or values.</summary>
    /// <param name="job">The job.</param>
    /// <param name="encoding">What its data made of tokens and classes.</param>
    public static int Outputs(Job job, DataEncoding encoding)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(encoding);
        return job.Task switch
        {
            LanguageModelTask => encoding.Inputs!.Size,
            ClassifierTask or TaggerTask => encoding.Classes!.Count,
            RegressorTask regressor => regressor.Outputs,
            WindowTask => encoding.Table!.Outputs,
            SequenceToSequenceTask => encoding.EndToken + 1,
            _ => throw new NotSupportedException($"no outputs for {job.Task}"),
        };
    }

    /// <summary>The layers over the input, and the embedding before them where it is tokens.</summary>
    /// <param name="job">The job.</param>
    /// <param name="encoding">What its data made of tokens and classes.</param>
    /// <param name="beside">Features of a token that stand beside its embedding.</param>
    internal static (Embedding? Embedding, StackMapping Stack) Input(Job job, DataEncoding encoding, int beside = 0)
    {
        var model = job.Model;
        var embedding = encoding.Inputs is { } tokens ? EmbeddingOf(tokens.Size, model.Embedding, model.Tied) : null;
        var features = embedding?.Width + beside ?? job.Data.Features ?? encoding.Table!.Features;
        var stack = new StackMapping(features, model.Dropout, job.Training.Recompute, firstPlace: 0).WithDropout(model.InputDropout);
        return (embedding, stack.With(model.Layers, model.Residual, model.LayerNorm));
    }

    /// <summary>A table of tokens. One that a head uses too starts so small that the first scores are about as large as those of a head of its own.</summary>
    internal static Embedding EmbeddingOf(int tokens, int width, bool isTied) => new(tokens, width) { Deviation = isTied ? 1 / Math.Sqrt(width) : 1 };

    static SequenceModel OneSequence(Job job, DataEncoding encoding)
    {
        var words = TokenMapping.Of(job, encoding);
        var (embedding, stack) = Input(job, encoding, words.Characters?.OutputSize ?? 0);
        var (pooling, loss) = (Pooling(job.Model.Pooling), Loss(job.Model.Loss));
        if (embedding is null) return new SequenceModel(stack.Layers, new Linear(stack.Features, Outputs(job, encoding)), pooling, loss);
        IHead head = job.Model.Tied ? new TiedLinear(embedding) : new Linear(stack.Features, Outputs(job, encoding));
        return new SequenceModel(embedding, stack.Layers, head, pooling, loss, words);
    }

    static Pooling? Pooling(PoolingKind? kind) => kind switch
    {
        null => null,
        PoolingKind.Last => Compute.Pooling.Last,
        PoolingKind.Mean => Compute.Pooling.Mean,
        PoolingKind.Max => Compute.Pooling.Max,
        _ => throw new NotSupportedException($"no pooling for {kind}"),
    };

    /// <summary>A job made without a file may leave the loss to its task, which then is one of classes.</summary>
    static Loss Loss(LossOptions? options) => options switch
    {
        null => new CrossEntropy(),
        CrossEntropyOptions cross => new CrossEntropy((float)cross.Smoothing),
        BinaryCrossEntropyOptions => new BinaryCrossEntropy(),
        SquaredErrorOptions => new SquaredError(),
        HuberOptions huber => new Huber((float)huber.Delta),
        _ => throw new NotSupportedException($"no loss for {options}"),
    };
}
