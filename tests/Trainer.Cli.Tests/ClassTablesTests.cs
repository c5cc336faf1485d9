using LstmCluster.Cli.Verbs;
using LstmCluster.Compute;

namespace Trainer.Cli.Tests;

/// <summary>What is told of classes fits a screen of 80 columns.</summary>
public class ClassTablesTests
{
    [Theory]
    [InlineData(2, 1_000_000)]
    [InlineData(4, 12_345)]
    [InlineData(10, 1_234)]
    public void Few_classes_have_a_table_of_which_was_taken_for_which(int classes, int count)
    {
        var lines = Write(classes, count);

        lines.ShouldAllBe(line => line.Length <= 80);
        var at = Array.FindIndex(lines, line => line.StartsWith("  is \\ told", StringComparison.Ordinal));
        for (var row = 0; row < classes; row++)
            lines[at + 1 + row].Split(' ', StringSplitOptions.RemoveEmptyEntries)[^classes..].ShouldBe(Enumerable.Range(0, classes).Select(told => told == row ? count.ToString("N0", null) : "1"));
    }

    [Theory]
    [InlineData(10, 1_000_000)]
    [InlineData(12, 5)]
    [InlineData(40, 5)]
    public void Of_many_classes_or_large_counts_the_most_frequent_confusions_are_listed(int classes, int count)
    {
        var lines = Write(classes, count);

        lines.ShouldAllBe(line => line.Length <= 80);
        lines.ShouldContain("  most often taken for another:");
        lines.ShouldNotContain(line => line.Contains("is \\ told"));
    }

    static string[] Write(int classes, int count)
    {
        var matrix = new ConfusionMatrix(classes);
        for (var expected = 0; expected < classes; expected++)
            for (var told = 0; told < classes; told++)
                matrix.Add(expected, told, expected == told ? count : 1);
        using var output = new StringWriter();
        ClassTables.Write(matrix, id => $"a class with a name {id}", output);
        return output.ToString().Split('\n');
    }
}
