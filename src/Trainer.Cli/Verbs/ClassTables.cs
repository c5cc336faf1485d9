using System.Globalization;
using LstmCluster.Cli.Display;
using LstmCluster.Compute;

namespace LstmCluster.Cli.Verbs;

/// <summary>Precision, recall and F1 of each class, and which classes are taken for which.</summary>
static class ClassTables
{
    // What fits on a screen; JSON has all.
    const int MostClasses = 30, MostConfusions = 10, NameWidth = 18, CellWidth = 9, NarrowestCell = 6, Columns = 80;

    /// <summary>Writes the tables.</summary>
    /// <param name="matrix">The figures.</param>
    /// <param name="nameOf">Names of classes.</param>
    /// <param name="output">Where to.</param>
    public static void Write(ConfusionMatrix matrix, Func<int, string> nameOf, TextWriter output)
    {
        output.WriteLine($"  {"F1, mean of classes",-NameWidth} {Numbers.Percent(matrix.MacroF1),8}");
        var byCount = Enumerable.Range(0, matrix.Classes).OrderByDescending(matrix.Support).Take(MostClasses).ToList();
        var shown = matrix.Classes <= MostClasses ? [.. byCount.Order()] : byCount;
        output.WriteLine();
        output.WriteLine($"  {"class",-NameWidth}{"count",CellWidth}{"precision",CellWidth + 2}{"recall",CellWidth}{"F1",CellWidth}");
        foreach (var id in shown)
            output.WriteLine($"  {Name(nameOf(id), NameWidth),-NameWidth}{Numbers.Count(matrix.Support(id)),CellWidth}{Share(matrix.Precision(id)),CellWidth + 2}{Share(matrix.Recall(id)),CellWidth}{Share(matrix.F1(id)),CellWidth}");
        if (shown.Count < matrix.Classes) output.WriteLine($"  and {matrix.Classes - shown.Count} rarer classes, which --json has");
        output.WriteLine();
        var room = (Columns - 2 - NameWidth) / matrix.Classes;
        var widest = matrix.Cells.Select(cell => Numbers.Count(cell.Count).Length + 1).Append(NarrowestCell).Max();
        if (room >= widest) WriteMatrix(matrix, nameOf, Math.Min(room, Math.Max(CellWidth, widest)), output);
        else WriteConfusions(matrix, nameOf, output);
    }

    static void WriteMatrix(ConfusionMatrix matrix, Func<int, string> nameOf, int width, TextWriter output)
    {
        var classes = Enumerable.Range(0, matrix.Classes).ToList();
        output.WriteLine($"  {"is \\ told",-NameWidth}{string.Concat(classes.Select(id => $"{Name(nameOf(id), width - 1).PadLeft(width)}"))}");
        foreach (var expected in classes)
            output.WriteLine($"  {Name(nameOf(expected), NameWidth),-NameWidth}{string.Concat(classes.Select(told => $"{Numbers.Count(matrix[expected, told]).PadLeft(width)}"))}");
    }

    static void WriteConfusions(ConfusionMatrix matrix, Func<int, string> nameOf, TextWriter output)
    {
        output.WriteLine("  most often taken for another:");
        foreach (var (expected, predicted, count) in matrix.Cells.Where(cell => cell.Expected != cell.Predicted).OrderByDescending(cell => cell.Count).Take(MostConfusions))
            output.WriteLine($"  {Numbers.Count(count),NameWidth} {nameOf(expected)} as {nameOf(predicted)}");
    }

    static string Name(string name, int width) => name.Length <= width ? name : name[..(width - 1)] + "~";

    static string Share(double? share) => share is { } value ? value.ToString("F4", CultureInfo.InvariantCulture) : "-";
}
