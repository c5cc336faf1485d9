namespace LstmCluster.Compute.Tests;

/// <summary>Hears which runs of a gradient vector are final, and looks whether they are.</summary>
/// <param name="operands">Reads.</param>
/// <param name="targets">The gradients.</param>
sealed class FinishedRuns(Operands operands, GradientTarget[] targets)
{
    readonly List<(ParameterRange Range, double[][] Values)> _told = [];

    /// <summary>Notes a run with what it holds now.</summary>
    public void Tell(ParameterRange range) => _told.Add((range, [.. targets.Select(target => operands.Read(range.Of(target.Gradient)))]));

    /// <summary>After the pass: every element was told once, and nothing that was told has changed.</summary>
    public void ShouldBeTheWholeVectorOnce(int length)
    {
        var next = 0;
        foreach (var (range, _) in _told.OrderBy(told => told.Range.Offset))
        {
            range.Offset.ShouldBe(next);
            range.Length.ShouldBePositive();
            next += range.Length;
        }

        next.ShouldBe(length);
        foreach (var (range, values) in _told)
        {
            foreach (var (told, target) in values.Zip(targets))
                operands.Read(range.Of(target.Gradient)).ShouldHaveTheBitsOf(told, $"elements {range.Offset} to {range.Offset + range.Length} after they were final");
        }
    }
}
