namespace LstmCluster.Protocol;

/// <summary>Factors by the names of layers. Which names there are is known with the model: <see cref="Check"/>.</summary>
sealed class RatesValue : JobValue<ValueList<LayerRate>>
{
    static readonly NumberValue s_factor = NumberValue.NonNegative;

    public override string Type => "factors by name";

    public override string Range => "`embedding`, `layers`, `layers.0`, ..., `head`, or a tensor's full name; each at least 0";

    /// <summary>Refuses a name of no layer.</summary>
    /// <param name="job">The job.</param>
    /// <param name="places">Of the job's section.</param>
    public static void Check(Job job, SectionPlaces places)
    {
        var known = ModelRules.PartsOf(job);
        foreach (var rate in job.Training.Rates)
        {
            if (!known.Any(part => IsWithin(rate.Name, part) || IsWithin(part, rate.Name)))
                throw places.Error($"training.rates.{rate.Name}", $"names no layer: known are {string.Join(", ", known)}");
        }
    }

    static bool IsWithin(string name, string other) => name == other || name.StartsWith(other + ".", StringComparison.Ordinal);

    public override ValueList<LayerRate> Read(JobNode node, string path)
    {
        if (node is not MappingNode mapping)
            throw Expected(node, path, "factors by the names of layers, such as { embedding: 0.1, layers.0: 0 }");
        return [.. mapping.Entries.Select(entry => new LayerRate(entry.Name, s_factor.Read(entry.Value, $"{path}.{entry.Name}")))];
    }

    public override JobNode Write(ValueList<LayerRate> value) =>
        new MappingNode("", [.. value.Select(rate => new MappingEntry(rate.Name, "", s_factor.Write(rate.Factor)))]);
}
