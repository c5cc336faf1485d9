using System.Globalization;
using System.Runtime.Versioning;

[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: UnsupportedOSPlatform("windows")]

namespace Cluster.Tests;

/// <summary>How much a suite does: little by default, more where an environment variable says so.</summary>
static class Effort
{
    /// <summary>A whole number.</summary>
    /// <param name="variable">The environment variable.</param>
    /// <param name="usual">Its value where the variable is not set.</param>
    public static int Of(string variable, int usual) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : usual;

    /// <summary>The seed of a round: that of the variable, or one drawn anew.</summary>
    public static int Seed(string variable) => Of(variable, Random.Shared.Next());
}
