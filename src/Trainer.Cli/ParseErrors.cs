using System.CommandLine;
using System.CommandLine.Parsing;

namespace LstmCluster.Cli;

/// <summary>What is wrong with a command line, in one line that names the argument and where help is.</summary>
static class ParseErrors
{
    /// <summary>The first error.</summary>
    /// <param name="parsed">A result that has errors.</param>
    public static string InOneLine(ParseResult parsed) => $"{First(parsed)}; see {Path(parsed.CommandResult)} --help";

    static string First(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        // What is not understood says more than what is missing because of it.
        if (parsed.UnmatchedTokens is [var unknown, ..])
        {
            var isVerb = command.Subcommands.Count > 0 && !unknown.StartsWith('-');
            return isVerb
                ? $"unknown command {unknown}, expected {Names(command)}"
                : $"unknown {(unknown.StartsWith('-') ? "option" : "argument")} {unknown}";
        }

        if (command.Subcommands.Count > 0) return $"a command is missing, expected {Names(command)}";
        var missing = command.Arguments.FirstOrDefault(argument => parsed.GetResult(argument) is not { Tokens.Count: > 0 } && argument.Arity.MinimumNumberOfValues > 0);
        return missing is not null ? $"{missing.Name} is missing, expected {missing.Description}" : Lines.Join(parsed.Errors[0].Message).TrimEnd('.');
    }

    static string Names(Command command) =>
        string.Join(", ", command.Subcommands.SkipLast(1).Select(verb => verb.Name)) is { Length: > 0 } all
            ? $"{all} or {command.Subcommands[^1].Name}"
            : command.Subcommands[^1].Name;

    static string Path(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{Path(parent)} {result.Command.Name}" : CommandLine.Name;
}
