using System.Globalization;
using BenchmarkDotNet.Running;

namespace LstmCluster.Benchmarks;

/// <summary>Runs the benchmarks that the arguments select; <c>--filter '*'</c> for all. <c>ulp [STRIDE]</c> surveys exp, sigmoid and tanh instead.</summary>
public static class Program
{
    /// <summary>Entry point.</summary>
    public static void Main(string[] args)
    {
        if (args is ["ulp", .. var stride]) UlpSurvey.Print(stride is [var text] ? uint.Parse(text, CultureInfo.InvariantCulture) : 1);
        else BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
    }
}
