using System.Text.Json;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>The names of classes, sorted; a class's id is its rank.</summary>
public sealed class LabelSet : IEquatable<LabelSet>
{
    readonly string[] _names;

    /// <summary>Makes a set of names.</summary>
    /// <param name="names">Any order; each once.</param>
    /// <exception cref="ArgumentException">A name is given twice.</exception>
    public LabelSet(IEnumerable<string> names)
    {
        _names = [.. names.Order(StringComparer.Ordinal)];
        for (var id = 1; id < _names.Length; id++)
        {
            if (_names[id] == _names[id - 1]) throw new ArgumentException($"\"{_names[id]}\" is there twice", nameof(names));
        }
    }

    /// <summary>Number of classes.</summary>
    public int Count => _names.Length;

    /// <summary>The name of a class.</summary>
    /// <param name="id">Below <see cref="Count"/>.</param>
    public string this[int id] => _names[id];

    /// <summary>The id of a name; negative when it is none of them.</summary>
    public int IdOf(string name) => Math.Max(-1, Array.BinarySearch(_names, name, StringComparer.Ordinal));

    /// <summary>The set as one string, from which <see cref="Parse"/> makes an equal one.</summary>
    public string Serialize() => JsonSerializer.Serialize(_names);

    /// <summary>Makes a set from its string.</summary>
    /// <param name="serialized">What <see cref="Serialize"/> gave.</param>
    /// <exception cref="CorruptFileException">It is not such a string.</exception>
    public static LabelSet Parse(string serialized)
    {
        try
        {
            var names = JsonSerializer.Deserialize<string[]>(serialized);
            return names is { Length: > 0 } && names.All(name => name is not null) ? new LabelSet(names) : throw new CorruptFileException("the list of classes is empty");
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new CorruptFileException($"the list of classes cannot be read: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public bool Equals(LabelSet? other) => other is not null && _names.AsSpan().SequenceEqual(other._names);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    /// <inheritdoc/>
    public override int GetHashCode() => _names.Length == 0 ? 0 : HashCode.Combine(_names.Length, _names[0], _names[^1]);
}
