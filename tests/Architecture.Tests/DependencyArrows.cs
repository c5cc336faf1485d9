using System.Xml.Linq;

namespace Architecture.Tests;

/// <summary>The arrows between the projects, read from the project files themselves.</summary>
public class DependencyArrows
{
    // From the top down: a project may refer to those after it, and those of the last line refer to none.
    static readonly string[] TopDown =
        ["Trainer.Cli", "Trainer.Simulation", "Trainer.Coordinator", "Trainer.Worker", "Trainer.Data", "Trainer.Protocol", "Trainer.Actors", "Lstm.Compute"];

    static readonly string[] Foundations = ["Trainer.Actors", "Lstm.Compute"];

    [Fact]
    public void Every_source_project_has_its_place_in_the_order() =>
        SourceProjects().Select(Path.GetFileNameWithoutExtension).ShouldBe(TopDown, ignoreOrder: true);

    [Fact]
    public void References_point_down_only()
    {
        foreach (var project in SourceProjects())
        {
            var name = Path.GetFileNameWithoutExtension(project);
            foreach (var reference in References(project))
                Array.IndexOf(TopDown, reference).ShouldBeGreaterThan(Array.IndexOf(TopDown, name), $"{name} refers to {reference}");
        }
    }

    [Fact]
    public void The_foundations_know_no_other_project_and_no_package()
    {
        foreach (var project in SourceProjects().Where(path => Foundations.Contains(Path.GetFileNameWithoutExtension(path))))
        {
            References(project).ShouldBeEmpty(project);
            XDocument.Load(project).Descendants("PackageReference").ShouldBeEmpty(project);
        }
    }

    [Fact]
    public void Versions_of_packages_are_pinned_in_one_place()
    {
        foreach (var project in Directory.EnumerateFiles(Root(), "*.csproj", SearchOption.AllDirectories))
            XDocument.Load(project).Descendants("PackageReference").ShouldAllBe(reference => reference.Attribute("Version") == null, project);
    }

    static IEnumerable<string> SourceProjects() => Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*.csproj", SearchOption.AllDirectories);

    static List<string?> References(string project) =>
        [.. XDocument.Load(project).Descendants("ProjectReference").Select(reference =>
            Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))];

    static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "LstmCluster.sln"))) directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("the tests must run within the repository");
    }
}
