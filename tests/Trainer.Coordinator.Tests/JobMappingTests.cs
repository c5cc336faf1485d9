using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace Trainer.Coordinator.Tests;

public class JobMappingTests
{
    [Fact]
    public void Each_layer_of_a_job_becomes_a_layer_of_its_kind_and_size()
    {
        var job = TinyJob.Of(steps: 1);
        job = job with
        {
            Model = job.Model with
            {
                Dropout = 0,
                Layers = [new GruLayerOptions { Units = 3 }, new RnnLayerOptions { Units = 4 }, new LstmLayerOptions { Units = 6 }],
            },
        };

        var model = TinyJob.Model(job).ShouldBeOfType<SequenceModel>();

        model.Body[0].ShouldBeOfType<Gru>().Units.ShouldBe(3);
        model.Body[1].ShouldBeOfType<Rnn>().Units.ShouldBe(4);
        model.Body[2].ShouldBeOfType<Lstm>().Units.ShouldBe(6);
        model.StateSize.ShouldBe(3 + 4 + (2 * 6));
        model.Parameters.Parameters.Single(parameter => parameter.Name == "layers.0.bias_hh_l0").Shape.ShouldBe([9]);
    }
}
