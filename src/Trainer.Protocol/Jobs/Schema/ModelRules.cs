namespace LstmCluster.Protocol;

/// <summary>Which keys of <c>model:</c> belong to which task and fit together, and what those have that the file leaves out.</summary>
static class ModelRules
{
    /// <summary>The job with every key of its task's model.</summary>
    /// <exception cref="UserErrorException">A key is missing, does not belong to the task, or does not fit another.</exception>
    public static Job Apply(Job job, SectionPlaces places)
    {
        CheckDirections(job, places);
        CheckBiases("model.layers", job.Model.Layers, places);
        CheckBiases("model.decoder.layers", job.Model.Decoder?.Layers ?? [], places);
        CheckResidual(job, places);
        CheckTied(job, places);
        CharacterRules.Check(job, places);
        DecoderRules.Check(job, places);
        return job with { Model = job.Model with { Pooling = PoolingOf(job, places), Loss = LossOf(job, places) } };
    }

    /// <summary>The parts of a job's model that have parameters, as their tensors' names begin.</summary>
    public static IReadOnlyList<string> PartsOf(Job job)
    {
        var isEncoder = job.Model.Decoder is not null;
        var prefix = isEncoder ? "encoder." : "";
        List<string> parts = [.. Stack(prefix, job.Model.Layers.Count, job.Model.LayerNorm)];
        if (job.Model.Characters is not null) parts.InsertRange(0, ["characters.embedding", "characters.layers.0"]);
        if (job.Data.Tokens != TokenKind.Numbers) parts.Insert(0, $"{prefix}embedding");
        if (job.Model.Decoder is { } decoder)
        {
            parts.AddRange(["bridge", "decoder.embedding", .. Stack("decoder.", decoder.Layers.Count, norms: false)]);
            if (decoder.Attention != AttentionKind.None) parts.Add("attention");
        }

        return [.. parts, "head"];
    }

    /// <summary>Features that a layer gives.</summary>
    public static int OutputSizeOf(LayerOptions layer)
    {
        var one = layer is LstmLayerOptions { Projection: > 0 and var projection } ? projection : layer.Units;
        return layer.Bidirectional == DirectionMerge.Concatenate ? 2 * one : one;
    }

    /// <summary>A key of a layer.</summary>
    public static string KeyOf(string list, int index, LayerOptions layer, string key) => $"{list}[{index}].{LayerSchema.NameOf(layer)}.{key}";

    static IEnumerable<string> Stack(string prefix, int layers, bool norms)
    {
        for (var index = 0; index < layers; index++) yield return $"{prefix}layers.{index}";
        for (var index = 0; norms && index < layers; index++) yield return $"{prefix}norms.{index}";
    }

    static void CheckDirections(Job job, SectionPlaces places)
    {
        if (job.Task is not LanguageModelTask) return;
        foreach (var (index, layer) in job.Model.Layers.Index())
        {
            if (layer.Bidirectional != DirectionMerge.None)
                throw places.Error(KeyOf("model.layers", index, layer, "bidirectional"), "must be none for a language-model: a layer that runs backwards would see the tokens that are to be told");
        }
    }

    static void CheckBiases(string list, IEnumerable<LayerOptions> layers, SectionPlaces places)
    {
        foreach (var (index, layer) in layers.Index())
        {
            if (layer is LstmLayerOptions { CoupledInputForget: true, InputBias: not null })
                throw places.Error(KeyOf(list, index, layer, "inputBias"), "has no gate of its own with coupledInputForget: it begins at the negative of forgetBias");
        }
    }

    static void CheckResidual(Job job, SectionPlaces places)
    {
        if (!job.Model.Residual) return;
        var layers = job.Model.Layers;
        if (layers.Count == 1) throw places.Error("model.residual", "leads around each layer but the first, and there is one only");
        for (var index = 1; index < layers.Count; index++)
        {
            var (from, to) = (OutputSizeOf(layers[index - 1]), OutputSizeOf(layers[index]));
            if (from != to)
                throw places.Error($"model.layers[{index}]", $"gives {to} features of {from}: with model.residual, which adds both, they must be as many");
        }
    }

    static void CheckTied(Job job, SectionPlaces places)
    {
        if (!job.Model.Tied) return;
        if (job.Task is SequenceToSequenceTask) throw places.Error("model.tied", "is for a language-model: of a seq2seq it is model.decoder.tied, since its head tells target tokens");
        if (job.Task is not LanguageModelTask)
            throw places.Error("model.tied", $"is for a language-model: the head of a {JobSchema.NameOf(job.Task)} does not tell the tokens that the embedding reads");
        var (embedding, output) = (job.Model.Embedding, OutputSizeOf(job.Model.Layers[^1]));
        if (embedding != output)
            throw places.Error("model.tied", $"shares the weights of the embedding, whose model.embedding {embedding} features must be those of the last layer, which gives {output}");
    }

    static PoolingKind? PoolingOf(Job job, SectionPlaces places)
    {
        if (job.Task is ClassifierTask or RegressorTask { Answers: RegressorAnswers.Sequence }) return job.Model.Pooling ?? PoolingKind.Last;
        if (job.Model.Pooling is null) return null;
        if (job.Task is RegressorTask) throw places.Error("model.pooling", "makes one vector of a sequence, and with task.regressor.answers: step each of its steps is answered");
        throw places.Error("model.pooling", job.Task is SequenceToSequenceTask
            ? "is for a classifier or a regressor: the decoder of a seq2seq sees the whole source"
            : $"is for a classifier or a regressor, which answer once a sequence: a {JobSchema.NameOf(job.Task)} answers at every step");
    }

    static LossOptions LossOf(Job job, SectionPlaces places)
    {
        var (loss, task) = (job.Model.Loss, JobSchema.NameOf(job.Task));
        if (job.Task.HasWindows && loss is (CrossEntropyOptions or BinaryCrossEntropyOptions))
            throw places.Error("model.loss", $"must be squared-error or huber for a {task}, which tells numbers of any size; {ModelSchema.NameOf(loss)} is for {(loss is CrossEntropyOptions ? "classes" : "numbers from 0 to 1")}");
        if (!job.Task.HasClasses)
        {
            return loss is CrossEntropyOptions
                ? throw places.Error("model.loss", $"must be squared-error, huber or binary-cross-entropy for a {task}, whose targets are numbers; cross-entropy is for classes")
                : loss ?? new SquaredErrorOptions();
        }

        return loss is null or CrossEntropyOptions
            ? loss ?? new CrossEntropyOptions()
            : throw places.Error("model.loss", $"must be cross-entropy for a {task}, whose targets are classes; {ModelSchema.NameOf(loss)} is for numbers");
    }
}
