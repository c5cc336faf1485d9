namespace Trainer.Cli.Tests;

/// <summary>The repository that the tests are built in.</summary>
static class Repository
{
    /// <summary>Its folder.</summary>
    public static string Root { get; } = Find();

    static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "LstmCluster.sln"))) directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("the tests must run within the repository");
    }
}
