using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>What the determinism rules promise of GRU and RNN on the Cpu device, bit for bit.</summary>
public sealed class RecurrentBitTests : IDisposable
{
    readonly CpuDevice _device = CpuDevice.Create();

    public static TheoryData<RecurrentKind, bool> Kinds =>
        [.. from kind in Enum.GetValues<RecurrentKind>() from reverse in new[] { false, true } select (kind, reverse)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_bits_are_the_same_in_every_width(RecurrentKind kind, bool reverse)
    {
        foreach (var shape in RecurrentTests.Shapes)
        {
            var layer = new RecurrentCase(kind, shape with { Reverse = reverse }, seed: 47);
            CheckWidths(layer);
            CheckWidths(layer.Ragged(seed: 48));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_rows_results_do_not_depend_on_the_other_rows(RecurrentKind kind, bool reverse)
    {
        foreach (var units in CpuBitTests.Units.Select(row => row.Data))
        {
            var together = new RecurrentCase(kind, new(5, 13, 19, units) { Reverse = reverse }, seed: 49);
            var (shape, found) = (together.Shape, Run(together, []));
            for (var row = 0; row < shape.Rows; row++)
            {
                var (only, alone) = (new RowRange(row, 1), Run(together.RowsAlone(new(row, 1)), []));
                foreach (var ((name, values), (_, among)) in alone.OverTime.Zip(found.OverTime))
                    values.ShouldHaveTheBitsOf(LstmCase.RowsOf(among, shape.Batch, only, among.Length / shape.Batch.Positions), $"{name} of row {row}");
                alone.Hidden.ShouldHaveTheBitsOf(LstmCase.RowsOf(found.Hidden, new(6, 13), only, units), $"h of row {row}");
                alone.Dh0.ShouldHaveTheBitsOf(LstmCase.RowsOf(found.Dh0, new(1, 13), only, units), $"dh(0) of row {row}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_shards_weight_gradient_does_not_depend_on_the_other_shards(RecurrentKind kind, bool reverse)
    {
        foreach (var units in CpuBitTests.Units.Select(row => row.Data))
        {
            var layer = new RecurrentCase(kind, new(7, 13, 19, units) { Reverse = reverse }, seed: 50);
            foreach (var rows in new RowRange[] { new(0, 1), new(0, 6), new(4, 5), new(12, 1), new(1, 12) })
            {
                foreach (var accumulate in new[] { false, true })
                {
                    var among = Run(layer, [rows], accumulate).WeightGradients.Single();
                    var alone = Run(layer.RowsAlone(rows), [new(0, rows.Count)], accumulate).WeightGradients.Single();

                    among.ShouldHaveTheBitsOf(alone, $"{rows}");
                }
            }
        }
    }

    public void Dispose() => _device.Dispose();

    RecurrentOutcome Run(RecurrentCase layer, RowRange[] shards, bool accumulate = false)
    {
        using var run = new Operands(_device, Placement.BetweenNotNumbers);
        return layer.On(run, shards: shards, accumulate: accumulate);
    }

    static void CheckWidths(RecurrentCase layer)
    {
        var rows = layer.Shape.Rows;
        RecurrentOutcome On(CpuDevice created)
        {
            using var device = created;
            using var run = new Operands(device, Placement.BetweenNotNumbers);
            return layer.On(run, shards: [new(0, rows), new(rows / 2, 1)], accumulate: true);
        }

        var narrow = On(new CpuDevice<Lanes4>());
        On(new CpuDevice<Lanes8>()).ShouldHaveTheBitsOf(narrow, $"8 lanes, {layer}");
        On(new CpuDevice<Lanes16>()).ShouldHaveTheBitsOf(narrow, $"16 lanes, {layer}");
    }
}
