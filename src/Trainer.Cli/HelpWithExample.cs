using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace LstmCluster.Cli;

/// <summary>A command that shows how it is used.</summary>
/// <param name="name">What is typed.</param>
/// <param name="description">One line.</param>
/// <param name="examples">Command lines, without the program's name.</param>
sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Command lines, without the program's name.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;
}

/// <summary>The library's help, followed by the verb's examples.</summary>
/// <param name="help">The library's.</param>
sealed class HelpWithExample(HelpAction help) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => help.ClearsParseErrors;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var code = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not Verb { Examples.Count: > 0 } verb) return code;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in verb.Examples) output.WriteLine($"  {CommandLine.Name} {example}");
        output.WriteLine();
        return code;
    }
}
