using BenchmarkDotNet.Running;

namespace LstmCluster.Benchmarks;

/// <summary>Runs the benchmarks that the arguments select; <c>--filter '*'</c> for all.</summary>
public static class Program
{
    /// <summary>Entry point.</summary>
    public static void Main(string[] args) => BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
