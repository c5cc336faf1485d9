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
        if (job.Task is not LanguageModelTask) throw new NotSupportedException($"no model for {job.Task}");
        var body = new List<Layer>();
        var features = job.Model.Embedding;
        foreach (var options in job.Model.Layers)
        {
            var layer = LayerMapping.Of(options, features, body.Count);
            body.Add(layer);
            features = layer.OutputSize;
            if (job.Model.Dropout > 0) body.Add(new Dropout(features, (float)job.Model.Dropout, (uint)body.Count));
        }

        var vocabulary = encoding.Inputs!.Size;
        return new SequenceModel(new Embedding(vocabulary, job.Model.Embedding), body, new Linear(features, Outputs(job, encoding)));
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
            SequenceToSequenceTask => encoding.EndToken + 1,
            _ => throw new NotSupportedException($"no outputs for {job.Task}"),
        };
    }
}
