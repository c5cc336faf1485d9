namespace LstmCluster.Protocol;

/// <summary>A key of a section whose record is <typeparamref name="T"/>.</summary>
abstract class SectionKey<T>(string name, string meaning)
{
    public string Name { get; } = name;

    /// <summary>What it is, as the documentation says it.</summary>
    public string Meaning { get; } = meaning;

    /// <summary>What a file that lacks the key is told.</summary>
    public abstract string Expectation { get; }

    public abstract bool IsRequired { get; }

    public abstract T Read(T section, JobNode node, string path);

    /// <summary>The node, or null when there is nothing to write.</summary>
    public abstract JobNode? Write(T section);

    public abstract void Describe(T blank, string path, ICollection<JobKeyDescription> descriptions);

    public abstract void Compare(T section, string path, bool mayChange, ICollection<JobFact> facts);
}

/// <summary>A key with the type of its value.</summary>
/// <param name="name">As written in the file.</param>
/// <param name="meaning">What it is, for the documentation.</param>
/// <param name="value">How it is read and written.</param>
/// <param name="get">Takes it from the section's record.</param>
/// <param name="set">Puts it into a copy of the section's record.</param>
sealed class SectionKey<T, V>(string name, string meaning, JobValue<V> value, Func<T, V?> get, Func<T, V, T> set) : SectionKey<T>(name, meaning)
{
    /// <summary>True when there is no default.</summary>
    public bool Required { get; init; }

    /// <summary>True when a resumed run may have another value than the run it resumes.</summary>
    public bool MayChange { get; init; }

    /// <summary>The default in words, where it depends on other keys.</summary>
    public string? DefaultText { get; init; }

    public override string Expectation => $"{char.ToLowerInvariant(Meaning[0])}{Meaning[1..]} ({$"{value.Type} {value.Range}".TrimEnd()})".Replace("`", "", StringComparison.Ordinal);

    public override bool IsRequired => Required;

    public override T Read(T section, JobNode node, string path) => set(section, value.Read(node, path));

    public override JobNode? Write(T section) => get(section) is { } present ? value.Write(present) : null;

    public override void Describe(T blank, string path, ICollection<JobKeyDescription> descriptions)
    {
        var nested = new List<JobKeyDescription>();
        value.Describe(path, nested);
        // A section's own line would only repeat its keys; a choice of kinds has a line, since its kind has a default.
        if (value.Type != "section")
        {
            var text = Required ? "required" : DefaultText ?? (Write(blank) is { } node ? $"`{NodeText.Flow(node)}`" : "none");
            descriptions.Add(new JobKeyDescription(path, value.Type, text, Meaning, value.Range));
        }

        foreach (var key in nested)
            descriptions.Add(key);
    }

    public override void Compare(T section, string path, bool mayChange, ICollection<JobFact> facts)
    {
        if (get(section) is { } present)
            value.Compare(path, present, mayChange || MayChange, facts);
    }
}
