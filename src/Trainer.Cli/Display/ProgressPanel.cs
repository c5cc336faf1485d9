using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace LstmCluster.Cli.Display;

/// <summary>The lines of the live display: a bar, and figures that stand in the same columns at every step.</summary>
/// <param name="view">Where the run stands.</param>
/// <param name="elapsed">Seconds since training began, which go on while a step is computed.</param>
sealed class ProgressPanel(RunView view, double elapsed) : Renderable
{
    const int WidestBar = 60, WidestLine = 100;

    /// <summary>Whether the terminal shows colours.</summary>
    public required bool HasColour { get; init; }

    /// <summary>What is counted by the second.</summary>
    public string Speed { get; init; } = "tokens/s";

    /// <inheritdoc/>
    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        // A line as wide as the terminal would wrap on some of them.
        var width = Math.Min(maxWidth - 1, WidestLine);
        foreach (var segment in Bar(width, options.Unicode)) yield return segment;
        yield return Segment.LineBreak;
        foreach (var row in Rows())
        {
            foreach (var segment in Fit(row, width)) yield return segment;
            yield return Segment.LineBreak;
        }
    }

    IEnumerable<Segment> Bar(int width, bool isUnicode)
    {
        var steps = Numbers.Count(view.Steps);
        var figures = $" {Numbers.Percent(view.Fraction),7}   step {Numbers.Count(view.Step).PadLeft(steps.Length)} of {steps}";
        var bar = Math.Min(WidestBar, width - figures.Length);
        if (bar > 4)
        {
            // Without colour the two parts must differ in shape.
            var (full, empty) = isUnicode ? ('━', HasColour ? '━' : '─') : ('=', '-');
            var done = (int)Math.Round(bar * view.Fraction);
            yield return new Segment(new string(full, done), new Style(Color.Green));
            yield return new Segment(new string(empty, bar - done), new Style(Color.Grey35));
        }

        foreach (var segment in Fit([(figures, Style.Plain)], width - Math.Max(0, bar))) yield return segment;
    }

    IEnumerable<List<(string Text, Style Style)>> Rows()
    {
        var label = new Style(Color.Grey);
        yield return
        [
            ("loss ", label), (Pad(view.Last?.TrainLoss is { } loss ? Numbers.Loss(loss) : "-", 7), new Style(decoration: Decoration.Bold)),
            ("   validation ", label), (Pad(view.ValidationLoss is { } validation ? Numbers.Loss(validation) : "-", 7), new Style(decoration: Decoration.Bold)),
            ($"   {Speed} ", label), (Pad(view.TokensPerSecond > 0 ? Numbers.Count(view.TokensPerSecond) : "-", 9), Style.Plain),
            ("   workers ", label), (Pad(Numbers.Count(view.Workers), 2), Style.Plain),
        ];
        yield return
        [
            ("time ", label), (Pad(Numbers.Time(elapsed), 7), Style.Plain),
            ("   left       ", label), (Pad(view.Left is { } left ? Numbers.Time(left) : "-", 7), Style.Plain),
            ("   checkpoint ", label),
            view.CheckpointFailure is null
                ? (view.Checkpoint is { } step ? $"step {Numbers.Count(step)}" : "-", Style.Plain)
                : ("failed", new Style(Color.Red)),
        ];
    }

    static string Pad(string text, int width) => text.PadLeft(width);

    static IEnumerable<Segment> Fit(List<(string Text, Style Style)> parts, int width)
    {
        var left = Math.Max(0, width);
        foreach (var (text, style) in parts)
        {
            var shown = text.Length <= left ? text : new StringBuilder(text, 0, left, left + 1).ToString();
            left -= shown.Length;
            if (shown.Length > 0) yield return new Segment(shown, style);
        }
    }
}
