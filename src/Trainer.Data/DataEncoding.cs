using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>What gives a model's numbers their meaning. A run keeps it beside the weights, so that the model can be used without the data.</summary>
/// <param name="Inputs">Tokens of the inputs; null where they are numbers.</param>
/// <param name="Classes">Names of the classes; null where the targets are no classes.</param>
/// <param name="Targets">Tokens of the target sequences; null where the targets are no sequences.</param>
public sealed record DataEncoding(Vocabulary? Inputs, LabelSet? Classes = null, Vocabulary? Targets = null)
{
    const string InputsKey = "vocabulary", ClassesKey = "classes", TargetsKey = "target_vocabulary", CharactersKey = "character_vocabulary", TableKey = "table_columns";

    /// <summary>Characters that words are made of; null where they are not read.</summary>
    public Vocabulary? Characters { get; init; }

    /// <summary>What was learned of a table's columns; null where the data are no table.</summary>
    public TableEncoding? Table { get; init; }

    /// <summary>The class that ends a target sequence, and stands before its first token: the one behind all tokens.</summary>
    public int EndToken => Targets?.Size ?? 0;

    /// <summary>The encoding as texts by name, from which <see cref="Parse"/> makes an equal one.</summary>
    public IReadOnlyDictionary<string, string> ToMetadata()
    {
        var metadata = new Dictionary<string, string>();
        if (Inputs is not null) metadata[InputsKey] = Inputs.Serialize();
        if (Classes is not null) metadata[ClassesKey] = Classes.Serialize();
        if (Targets is not null) metadata[TargetsKey] = Targets.Serialize();
        if (Characters is not null) metadata[CharactersKey] = Characters.Serialize();
        if (Table is not null) metadata[TableKey] = Table.Serialize();
        return metadata;
    }

    /// <summary>True when both give every number the same meaning.</summary>
    public bool IsSameAs(DataEncoding other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var (here, there) = (ToMetadata(), other.ToMetadata());
        return here.Count == there.Count && here.All(entry => there.TryGetValue(entry.Key, out var value) && value == entry.Value);
    }

    /// <summary>Makes an encoding from its texts.</summary>
    /// <param name="metadata">Holds what <see cref="ToMetadata"/> gave, among other things.</param>
    /// <param name="job">The job, which knows what there must be.</param>
    /// <exception cref="CorruptFileException">Something is missing or malformed.</exception>
    public static DataEncoding Parse(IReadOnlyDictionary<string, string> metadata, Job job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return new DataEncoding(
            job.Data.Tokens == TokenKind.Numbers ? null : Vocabulary.Parse(Required(InputsKey)),
            job.Task is ClassifierTask or TaggerTask ? LabelSet.Parse(Required(ClassesKey)) : null,
            job.Task is SequenceToSequenceTask ? Vocabulary.Parse(Required(TargetsKey)) : null)
        {
            Characters = job.Model.Characters is null ? null : Vocabulary.Parse(Required(CharactersKey)),
            Table = job.Task.HasWindows ? TableEncoding.Parse(Required(TableKey)) : null,
        };

        string Required(string key) =>
            metadata.TryGetValue(key, out var value) ? value : throw new CorruptFileException($"holds no {key.Replace('_', ' ')}");
    }
}
