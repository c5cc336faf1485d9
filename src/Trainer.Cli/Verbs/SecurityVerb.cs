using System.CommandLine;
using System.Globalization;
using LstmCluster.Protocol;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>security</c>: what processes on several machines need to trust one another.</summary>
static class SecurityVerb
{
    const int MostDays = 3650;
    const int Days = 365;

    /// <summary>The verb.</summary>
    public static Command Create() => new Verb("security", "Make certificates for a cluster of several machines") { Init(), AddNode() };

    /// <summary>The folder of a node's files, for verbs that take part in a cluster.</summary>
    public static Option<string?> Option() => new("--security")
    {
        Description = "Certificates and join token, as \"security init\" makes them; needed for everything beyond this machine",
        HelpName = "DIR",
    };

    /// <summary>Reads the folder that was given.</summary>
    /// <returns>Null when none was.</returns>
    /// <exception cref="UserErrorException">Its files cannot be used.</exception>
    public static ClusterSecurity? Read(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { } directory ? ClusterSecurity.Load(directory) : null;

    static Verb Init()
    {
        var directory = new Argument<string>("DIR") { Description = "a folder that is empty or not there yet" };
        var names = new Option<string[]>("--name")
        {
            Description = "Another machine that gets a folder of its own; may be given several times",
            HelpName = "NODE",
            DefaultValueFactory = _ => [],
        };
        var days = Lifetime();
        var init = new Verb("init", "Make an authority, a join token, and certificates for this machine and others", "security init security", "security init security --name gpu1 --name gpu2")
        {
            directory, names, days,
        };
        init.SetAction(parsed =>
        {
            var (path, lifetime) = (parsed.GetRequiredValue(directory), TimeSpan.FromDays(parsed.GetValue(days)));
            string[] others = [.. parsed.GetRequiredValue(names).Distinct(StringComparer.Ordinal)];
            foreach (var name in others) SecurityFolder.RequireName(name);
            var folder = SecurityFolder.Create(path, OwnName, lifetime, TimeProvider.System);
            Console.Out.WriteLine($"made an authority and a join token in {path}");
            Console.Out.WriteLine($"this machine: use --security {path}");
            Add(folder, others, lifetime);
            Console.Out.WriteLine($"keep {Path.Combine(path, SecurityFiles.AuthorityKey)} here and secret: whoever has it can make nodes of this cluster");
            if (others.Length == 0) Console.Out.WriteLine($"other machines: lstm-cluster security add-node {path} NAME");
            return ExitCode.Done;
        });
        return init;
    }

    static Verb AddNode()
    {
        var directory = new Argument<string>("DIR") { Description = "the folder that \"security init\" made" };
        var names = new Argument<string[]>("NODE") { Description = "name of the machine", Arity = ArgumentArity.OneOrMore };
        var days = Lifetime();
        var add = new Verb("add-node", "Make a certificate for one more machine", "security add-node security gpu3") { directory, names, days };
        add.SetAction(parsed =>
        {
            string[] added = [.. parsed.GetRequiredValue(names).Distinct(StringComparer.Ordinal)];
            foreach (var name in added) SecurityFolder.RequireName(name);
            Add(SecurityFolder.Open(parsed.GetRequiredValue(directory), TimeProvider.System), added, TimeSpan.FromDays(parsed.GetValue(days)));
            return ExitCode.Done;
        });
        return add;
    }

    static void Add(SecurityFolder folder, IEnumerable<string> names, TimeSpan lifetime)
    {
        foreach (var name in names)
        {
            var made = folder.AddNode(name, lifetime);
            Console.Out.WriteLine($"{name}: copy the folder {made} to that machine, for instance with scp -rp, and use --security {name} there");
        }
    }

    static Option<int> Lifetime() => Arguments.Number(
        "--days", string.Create(CultureInfo.InvariantCulture, $"How long the certificates are valid, at most as long as the authority ({MostDays} days)"), 1, MostDays, Days);

    /// <summary>The machine's name, as far as it can be a node's.</summary>
    static string OwnName
    {
        get
        {
            var name = new string([.. Environment.MachineName.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-').Take(SecurityFiles.MaxNameLength)]);
            return name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]) ? name : "node";
        }
    }
}
