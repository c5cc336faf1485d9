using System.Globalization;
using System.Text.RegularExpressions;

namespace Trainer.Cli.Tests.Operations;

/// <summary>One sample of a metrics page.</summary>
public sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>Reads Prometheus' text exposition format and takes nothing that the format does not allow.</summary>
public sealed partial class ExpositionText
{
    readonly List<Sample> _samples = [];
    readonly Dictionary<string, string> _types = [];

    /// <summary>Reads a page.</summary>
    public ExpositionText(string page)
    {
        page.ShouldEndWith("\n");
        string? family = null;
        var helped = new HashSet<string>();
        foreach (var line in page[..^1].Split('\n'))
        {
            if (HelpLine().Match(line) is { Success: true } help)
            {
                helped.Add(help.Groups[1].Value).ShouldBeTrue($"a second help: {line}");
            }
            else if (TypeLine().Match(line) is { Success: true } type)
            {
                family = type.Groups[1].Value;
                _types.TryAdd(family, type.Groups[2].Value).ShouldBeTrue($"a second type: {line}");
            }
            else
            {
                var sample = Parse(line);
                family.ShouldNotBeNull($"a sample before any type: {line}");
                Belongs(sample.Name, family).ShouldBeTrue($"a sample of another family than {family}: {line}");
                _samples.Add(sample);
            }
        }

        _samples.Select(sample => (sample.Name, string.Join(',', sample.Labels.OrderBy(label => label.Key).Select(label => $"{label.Key}={label.Value}")))).ShouldBeUnique();
        foreach (var (name, type) in _types)
            if (type == "histogram")
                CheckHistogram(name);
    }

    public IReadOnlyCollection<string> Families => _types.Keys;

    /// <summary>The type of a family.</summary>
    public string TypeOf(string family) => _types[family];

    public IEnumerable<Sample> Of(string name) => _samples.Where(sample => sample.Name == name);

    /// <summary>The only sample of a name.</summary>
    public double Value(string name) => Of(name).ShouldHaveSingleItem().Value;

    bool Belongs(string name, string family) => name == family || (_types[family] == "histogram" && name.StartsWith(family, StringComparison.Ordinal) && name[family.Length..] is "_bucket" or "_sum" or "_count");

    void CheckHistogram(string name)
    {
        foreach (var series in Of(name + "_bucket").GroupBy(Others))
        {
            var bounds = series.Select(sample => Number(sample.Labels["le"])).ToList();
            bounds.ShouldBe([.. bounds.Order()]);
            bounds[^1].ShouldBe(double.PositiveInfinity);
            var counts = series.Select(sample => sample.Value).ToList();
            counts.ShouldBe([.. counts.Order()], "buckets are cumulative");
            Of(name + "_count").Single(sample => Others(sample) == series.Key).Value.ShouldBe(counts[^1]);
            Of(name + "_sum").Count(sample => Others(sample) == series.Key).ShouldBe(1);
        }

        static string Others(Sample sample) => string.Join(',', sample.Labels.Where(label => label.Key != "le").OrderBy(label => label.Key).Select(label => $"{label.Key}={label.Value}"));
    }

    static Sample Parse(string line)
    {
        var match = SampleLine().Match(line);
        match.Success.ShouldBeTrue($"not a sample: {line}");
        var labels = new Dictionary<string, string>();
        foreach (Match label in Label().Matches(match.Groups["labels"].Value)) labels.Add(label.Groups[1].Value, Unescape(label.Groups[2].Value));
        return new Sample(match.Groups["name"].Value, labels, Number(match.Groups["value"].Value));
    }

    static string Unescape(string text) => Escape().Replace(text, match => match.Value switch { "\\n" => "\n", "\\\"" => "\"", _ => "\\" });

    static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (?:[^\\]|\\\\|\\n)*$")]
    private static partial Regex HelpLine();

    [GeneratedRegex("^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*")*)\})? (?<value>[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|NaN|[-+]Inf)$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("""([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)""")]
    private static partial Regex Label();

    [GeneratedRegex("""\\["\\n]""")]
    private static partial Regex Escape();
}
