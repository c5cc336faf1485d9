namespace LstmCluster.Protocol;

/// <summary>
/// A choice between kinds with options of their own: <c>adam: { rate: 0.002 }</c>, or just <c>adam</c> when the kind's defaults will do.
/// </summary>
/// <typeparam name="T">Common base of the kinds' records.</typeparam>
sealed class OneOf<T>(params Kind<T>[] kinds) : JobValue<T>
{
    public override string Type => "one of";

    public override string Range => string.Join(", ", kinds.Select(k => $"`{k.Name}`"));

    public override T Read(JobNode node, string path)
    {
        var (name, place, options) = node switch
        {
            ScalarNode { IsNull: false } scalar => (scalar.Text, scalar.Place, new ScalarNode(scalar.Place, "", IsNull: true)),
            MappingNode { Entries: [var only] } => (only.Name, only.Place, only.Value),
            MappingNode { Entries.Count: > 1 } many =>
                throw UserErrorException.At(many.Entries[1].Place, $"{path} must be exactly one of {Names}, got {string.Join(" and ", many.Entries.Select(e => e.Name))}"),
            _ => throw Expected(node, path, $"one of {Names}"),
        };
        var kind = kinds.FirstOrDefault(k => k.Name == name)
            ?? throw UserErrorException.At(place, $"{path} must be one of {Names}, got {new ScalarNode(place, name).Shown}{NearestName.Hint(name, [.. kinds.Select(k => k.Name)])}");
        return kind.Read(options, $"{path}.{name}");
    }

    public override JobNode Write(T value)
    {
        var kind = Of(value);
        return kind.Write(value) is { } options && options is not MappingNode { Entries.Count: 0 }
            ? new MappingNode("", [new MappingEntry(kind.Name, "", options)])
            : new ScalarNode("", kind.Name);
    }

    public override void Describe(string path, ICollection<JobKeyDescription> keys)
    {
        foreach (var kind in kinds)
            kind.Describe($"{path}.{kind.Name}", keys);
    }

    public override void Compare(string path, T value, bool mayChange, ICollection<JobFact> facts)
    {
        var kind = Of(value);
        facts.Add(new JobFact(path, kind.Name, mayChange));
        kind.Compare($"{path}.{kind.Name}", value, mayChange, facts);
    }

    /// <summary>The name of a value's kind.</summary>
    public string NameOf(T value) => Of(value).Name;

    string Names => string.Join(", ", kinds.Select(k => k.Name));

    Kind<T> Of(T value) => kinds.First(k => k.Is(value));
}

/// <summary>One kind of a choice.</summary>
abstract class Kind<T>(string name)
{
    public string Name { get; } = name;

    public abstract bool Is(T value);

    public abstract T Read(JobNode options, string path);

    public abstract JobNode Write(T value);

    public abstract void Describe(string path, ICollection<JobKeyDescription> keys);

    public abstract void Compare(string path, T value, bool mayChange, ICollection<JobFact> facts);
}

/// <summary>A kind with the type of its record and of what stands after its name in the file.</summary>
/// <typeparam name="T">Common base of the kinds.</typeparam>
/// <typeparam name="K">The kind's record.</typeparam>
/// <typeparam name="V">What its options are read into.</typeparam>
sealed class Kind<T, K, V>(string name, JobValue<V> options, Func<V, K> make, Func<K, V> get) : Kind<T>(name)
    where K : T
{
    /// <summary>Meaning for the documentation, where the options are one value and not a section of keys.</summary>
    public string? Meaning { get; init; }

    public override bool Is(T value) => value is K;

    public override T Read(JobNode node, string path) => make(options.Read(node, path));

    public override JobNode Write(T value) => options.Write(get((K)value!));

    public override void Describe(string path, ICollection<JobKeyDescription> keys)
    {
        if (Meaning is not null)
            keys.Add(new JobKeyDescription(path, options.Type, "required", Meaning, options.Range));
        options.Describe(path, keys);
    }

    public override void Compare(string path, T value, bool mayChange, ICollection<JobFact> facts) =>
        options.Compare(path, get((K)value!), mayChange, facts);
}

/// <summary>Makes kinds.</summary>
static class Kind
{
    /// <summary>A kind without options.</summary>
    public static Kind<T, K, K> Bare<T, K>(string name, K only) where K : T => Options<T, K>(name, new Section<K>(only, []));

    /// <summary>A kind with a section of options.</summary>
    public static Kind<T, K, K> Options<T, K>(string name, Section<K> options) where K : T => new(name, options, x => x, x => x);
}
