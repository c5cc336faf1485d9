using LstmCluster.Compute;
using LstmCluster.Simulation;

namespace Trainer.Simulation.Tests;

public class ClusterShapeTests
{
    const int ThreeBlocks = (2 * GradientNorm.BlockLength) + 10;

    [Fact]
    public void Seeds_have_all_kinds_of_clusters()
    {
        var shapes = Enumerable.Range(1, 200).Select(seed => ClusterShape.Draw(new SimulationOptions { Seed = (ulong)seed }, ThreeBlocks)).ToList();

        shapes.ShouldAllBe(shape => shape.ParameterServers + shape.ParameterServerProcesses >= 1);
        shapes.ShouldContain(shape => shape.ParameterServers == 1 && shape.ParameterServerProcesses == 0);
        shapes.ShouldContain(shape => shape.ParameterServers == 3 && shape.ParameterServerProcesses == 0);
        shapes.ShouldContain(shape => shape.ParameterServers == 0 && shape.ParameterServerProcesses == 2);
        shapes.ShouldContain(shape => shape.ParameterServers > 0 && shape.ParameterServerProcesses > 0);
        shapes.ShouldContain(shape => shape.SpareParameterServers > 0);
        shapes.ShouldContain(shape => shape.Standbys == 0);
        shapes.ShouldContain(shape => shape.Standbys == 2);
        shapes.ShouldAllBe(shape => shape.SpareParameterServers == 0 || shape.ParameterServerProcesses > 0);
    }

    [Theory]
    [InlineData(2, null, 2, 0)]
    [InlineData(null, 3, 0, 3)]
    [InlineData(null, 0, 1, 0)]
    [InlineData(1, 2, 1, 2)]
    public void What_is_asked_for_is_what_train_takes(int? servers, int? processes, int expectedServers, int expectedProcesses)
    {
        var shape = ClusterShape.Draw(new SimulationOptions { ParameterServers = servers, ParameterServerProcesses = processes }, ThreeBlocks);

        (shape.ParameterServers, shape.ParameterServerProcesses).ShouldBe((expectedServers, expectedProcesses));
    }

    [Fact]
    public void A_small_model_is_cut_along_its_blocks()
    {
        Slices(ThreeBlocks, 2).ShouldBe([new ParameterRange(0, GradientNorm.BlockLength), new ParameterRange(GradientNorm.BlockLength, GradientNorm.BlockLength + 10)]);
        Slices(ThreeBlocks, 9)!.Count.ShouldBe(3);
        Slices(ThreeBlocks, 1).ShouldBeNull();
        Slices(1 << 20, 4).ShouldBeNull();
    }

    static IReadOnlyList<ParameterRange>? Slices(int length, int servers) => ClusterShape.Draw(new SimulationOptions { ParameterServers = servers }, length).Slices;
}
