using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary>Arguments and options that several verbs have.</summary>
static class Arguments
{
    /// <summary>The job file.</summary>
    public static Argument<string> Job() => new("JOB") { Description = "the job file, such as examples/moby-dick.yaml" };

    /// <summary>A run directory.</summary>
    public static Argument<string> Run() => new("RUN") { Description = "the run directory, such as runs/moby-dick" };

    /// <summary>Changes of the job.</summary>
    public static Option<string[]> Set() => new("--set")
    {
        Description = "Change one key of the job; may be given several times",
        HelpName = "key.path=value",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    /// <summary>Output for programs.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Write one JSON object a line" };

    /// <summary>A part of the data.</summary>
    public static Option<DataPart> Part() => new("--part")
    {
        Description = "The part of the data: training, validation or test",
        HelpName = "PART",
        DefaultValueFactory = _ => DataPart.Validation,
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            foreach (var part in Enum.GetValues<DataPart>())
                if (string.Equals(text, part.ToString(), StringComparison.OrdinalIgnoreCase))
                    return part;
            result.AddError($"--part must be training, validation or test, got \"{text}\"");
            return default;
        },
    };

    /// <summary>Which weights of a run.</summary>
    public static Option<WeightsChoice?> Weights() => new("--weights")
    {
        Description = "The weights of the last step, or of the best validation (default: the best where the job keeps them)",
        HelpName = "last|best",
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            switch (text)
            {
                case "last": return WeightsChoice.Last;
                case "best": return WeightsChoice.Best;
                default:
                    result.AddError($"--weights must be last or best, got \"{text}\"");
                    return null;
            }
        },
    };

    /// <summary>A number between limits.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">One line.</param>
    /// <param name="least">The smallest number allowed.</param>
    /// <param name="most">The largest number allowed.</param>
    /// <param name="otherwise">When the option is not given.</param>
    public static Option<T> Number<T>(string name, string description, T least, T most, T otherwise)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => otherwise,
            CustomParser = result => Parse(result, name, least, most),
        };

    /// <summary>A number between limits that need not be given.</summary>
    /// <inheritdoc cref="Number"/>
    public static Option<T?> OptionalNumber<T>(string name, string description, T least, T most)
        where T : struct, INumber<T> => new(name) { Description = description, HelpName = "N", CustomParser = result => Parse(result, name, least, most) };

    /// <summary>Reads a job file with the changes asked for.</summary>
    public static Job ReadJob(ParseResult parsed, Argument<string> job, Option<string[]> set) =>
        JobReader.ReadFile(parsed.GetRequiredValue(job), parsed.GetRequiredValue(set));

    static T Parse<T>(ArgumentResult result, string name, T least, T most)
        where T : struct, INumber<T>
    {
        var text = result.Tokens[^1].Value;
        if (T.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;
        var kind = T.IsInteger(T.One / (T.One + T.One)) ? "a whole number" : "a number";
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} must be {kind} from {least} to {most}, got \"{text}\""));
        return default;
    }
}
