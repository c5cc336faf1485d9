using System.Text.RegularExpressions;

namespace Trainer.Cli.Tests.Deployment;

/// <summary>What the program's own help says that a verb takes.</summary>
static partial class Options
{
    /// <summary>Fails unless every option among arguments is one of the verb that comes first.</summary>
    /// <param name="arguments">Verb, options, values.</param>
    public static async Task ShouldBeKnownAsync(IReadOnlyList<string> arguments)
    {
        var help = await Command.RunAsync(AppContext.BaseDirectory, [arguments[0], "--help"]);
        help.ExitCode.ShouldBe(0, help.Errors);
        var known = Name().Matches(help.Output).Select(match => match.Value).ToHashSet();
        var used = arguments.Where(argument => Name().Match(argument) is { Success: true, Index: 0 }).ToList();
        used.ShouldNotBeEmpty();
        used.ShouldBeSubsetOf(known);
    }

    [GeneratedRegex("(?<![a-z-])--[a-z][a-z-]*")]
    private static partial Regex Name();
}
