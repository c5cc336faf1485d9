using System.Diagnostics;
using System.Runtime.Versioning;

namespace Trainer.Cli.Tests.Deployment;

/// <summary>The units of <c>deploy/systemd</c>: their syntax, their commands and their environment files.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SystemdTests
{
    [Theory]
    [InlineData("lstm-cluster-coordinator.service", "coordinator.env")]
    [InlineData("lstm-cluster-worker@.service", "worker.env")]
    public async Task The_program_knows_every_option_and_the_environment_file_every_variable(string unit, string environment)
    {
        var command = Lines(unit).Single(line => line.StartsWith("ExecStart=", StringComparison.Ordinal))["ExecStart=".Length..].Split(' ');
        var variables = Lines(environment).Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('=')[0]).ToList();

        await Options.ShouldBeKnownAsync(command[1..]);
        command.Where(word => word[0] == '$').Select(word => word.Trim('$', '{', '}')).ShouldBe(variables, ignoreOrder: true);
        Lines(unit).ShouldContain($"EnvironmentFile=/etc/lstm-cluster/{environment}");
    }

    [Theory]
    [InlineData("lstm-cluster-coordinator.service", "lstm-cluster-coordinator.service")]
    [InlineData("lstm-cluster-worker@.service", "lstm-cluster-worker@1.service")]
    public async Task Systemd_finds_nothing_wrong_with_a_unit(string unit, string instance)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "systemd-analyze is not installed, so THE SYNTAX OF THE UNITS IS NOT CHECKED");
        var folder = Directory.CreateTempSubdirectory("lstm-cluster-units-").FullName;
        try
        {
            // A program that is there; the one in the unit is installed by whoever uses it.
            File.WriteAllText(Path.Combine(folder, instance), string.Join('\n', Lines(unit)).Replace("/usr/local/bin/lstm-cluster", Command.Executable, StringComparison.Ordinal));
            var start = new ProcessStartInfo("systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", Path.Combine(folder, instance)]) { RedirectStandardError = true, RedirectStandardOutput = true };
            using var verify = Process.Start(start)!;
            var errors = await verify.StandardError.ReadToEndAsync();
            await verify.WaitForExitAsync();

            errors.ShouldNotContain(instance);
            verify.ExitCode.ShouldBe(0, errors);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static string[] Lines(string file) => File.ReadAllLines(Manifests.PathOf("deploy", "systemd", file));
}
