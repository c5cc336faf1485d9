using System.Text.Json;
using System.Text.Json.Serialization;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>What was learned of a table's columns from the part that is trained on. A run keeps it beside the weights.</summary>
/// <param name="Columns">The columns, in the order of the job.</param>
public sealed record TableEncoding(ValueList<ColumnFit> Columns)
{
    /// <summary>Features of a time step, D: those of all columns, and one that tells the rows that are to be told.</summary>
    public int Features => Columns.Sum(column => column.Width) + 1;

    /// <summary>Numbers that are told of a row.</summary>
    public int Outputs => Columns.Count(column => column.IsTarget);

    /// <summary>The target columns, in the order of the outputs.</summary>
    public IEnumerable<ColumnFit> Targets => Columns.Where(column => column.IsTarget);

    /// <summary>The encoding as one string, from which <see cref="Parse"/> makes an equal one.</summary>
    public string Serialize() => JsonSerializer.Serialize(Columns.ToArray());

    /// <summary>Makes an encoding from its string.</summary>
    /// <param name="serialized">What <see cref="Serialize"/> gave.</param>
    /// <exception cref="CorruptFileException">It is not such a string.</exception>
    public static TableEncoding Parse(string serialized)
    {
        try
        {
            return JsonSerializer.Deserialize<ColumnFit[]>(serialized) is { Length: > 0 } columns && columns.All(column => column is { Name: not null, Width: > 0 })
                ? new TableEncoding([.. columns])
                : throw new CorruptFileException("the list of columns is empty");
        }
        catch (JsonException error)
        {
            throw new CorruptFileException($"the list of columns cannot be read: {error.Message}", error);
        }
    }
}

/// <summary>What was learned of one column.</summary>
/// <param name="Name">Name of the column.</param>
/// <param name="Width">Features that it has.</param>
public sealed record ColumnFit(string Name, int Width)
{
    /// <summary>True when it is told.</summary>
    public bool IsTarget { get; init; }

    /// <summary>Taken away from each of its numbers.</summary>
    public double Mean { get; init; }

    /// <summary>
    /// The mean of what was trained on, for numbers that may be missing, where it is not <see cref="Mean"/>: that of a column which is not standardised. Null where it is, and in what was kept before
    /// it was told apart; there 0 stood for such numbers in training.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Average { get; init; }

    /// <summary>What each of its numbers is divided by after that; positive.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>The words of a categorical column, in ordinal order, each a feature.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>The first day of what was trained on, as <c>yyyy-MM-dd</c>; null for other columns than dates.</summary>
    public string? FirstDay { get; init; }

    /// <summary>What stands for a number that is missing where nothing else does: the mean of what was trained on, as the model reads and tells it.</summary>
    [JsonIgnore]
    public float Missing => Average is { } average ? (float)((average - Mean) / Scale) : 0;

    /// <summary>Squares of numbers up to this are still numbers in single precision, and so are differences of two of them.</summary>
    internal const double LargestEncoded = 1e18;

    /// <summary>The least and the largest number that can be computed with.</summary>
    internal (double Least, double Most) Range => (Decode(-LargestEncoded), Decode(LargestEncoded));

    /// <summary>False for a number that is too far from the mean to be computed with; true where it is missing (NaN).</summary>
    /// <param name="number">The number, in the units of the column.</param>
    public bool CanEncode(float number) => !(Math.Abs((number - Mean) / Scale) > LargestEncoded);

    /// <summary>A number as the model reads and tells it.</summary>
    public float Encode(float number) => (float)((number - Mean) / Scale);

    /// <summary>The number that the model tells.</summary>
    public double Decode(double output) => (output * Scale) + Mean;
}
