using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>What a layer is and does beyond the plain LSTM must not show how its shards are spread either: masks above all.</summary>
public class LayerVariantTests
{
    public static TheoryData<LayerOptions> Variants => new()
    {
        new LstmLayerOptions { Units = 7, Peephole = true, CellClip = 0.5 },
        new LstmLayerOptions { Units = 7, LayerNorm = true },
        new LstmLayerOptions { Units = 7, CoupledInputForget = true, Projection = 3 },
        new LstmLayerOptions { Units = 7, RecurrentDropout = 0.3, ZoneoutHidden = 0.2, ZoneoutCell = 0.4 },
        new LstmLayerOptions
        {
            Units = 5, Peephole = true, LayerNorm = true, CoupledInputForget = true, Projection = 4, CellClip = 2, RecurrentDropout = 0.1,
            ZoneoutHidden = 0.1, ZoneoutCell = 0.1,
        },
        new LstmLayerOptions { Units = 7, LearnedState = true, Initialization = new InitializationOptions { Kernel = InitialKernel.Glorot, Recurrent = InitialKernel.Orthogonal } },
        new GruLayerOptions { Units = 7 },
        new GruLayerOptions { Units = 7, LearnedState = true },
        new RnnLayerOptions { Units = 7 },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void The_number_of_workers_does_not_show_in_the_weights(LayerOptions layer)
    {
        var job = TinyJob.Of(steps: 8, validateEvery: 4);
        job = job with { Model = job.Model with { Layers = [layer, layer] } };
        using var alone = new SimulatedTraining(job, workers: 1);
        using var together = new SimulatedTraining(job, workers: 3, seed: 2);
        var first = alone.RunToEnd().ShouldBeOfType<RunFinished>(alone.Story);
        var second = together.RunToEnd().ShouldBeOfType<RunFinished>(together.Story);
        together.FinalWeights.ShouldBe(alone.FinalWeights);
        second.ValidationLoss.ShouldBe(first.ValidationLoss);
        first.TrainLoss!.Value.ShouldBeLessThan(Math.Log(9) * 1.5);
    }
}
