using System.Runtime.InteropServices;
using System.Security.Cryptography;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace Trainer.Coordinator.Tests;

public class InProcessTests
{
    const int Steps = 14;

    [Fact]
    public void A_program_that_trains_in_its_own_process_gets_the_bits_of_a_run()
    {
        var job = TinyJob.Of(Steps);
        using var training = new SimulatedTraining(job, workers: 3);
        training.RunToEnd();

        Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes<float>(TrainAlone(job)))).ShouldBe(training.FinalWeights, training.Story);
    }

    static float[] TrainAlone(Job job)
    {
        var streams = TinyJob.Text(job).Training;
        using var network = new Network(TinyJob.Model(job), job.Seed);
        using var trainer = new InProcessTrainer(network, new Adam(), rate: 0.01)
        {
            ClipNorm = 0.5,
            Shards = TinyJob.Shards,
            Seed = job.Seed,
            CarryState = true,
        };
        var shape = new BatchShape(streams.Length, streams.Batch);
        var (inputs, targets) = (new int[shape.Positions], new int[shape.Positions]);
        var position = default(DataPosition);
        for (var step = 0; step < Steps; step++, position = streams.After(position))
        {
            if (position.BeginsPass) trainer.ResetState();
            streams.Fill(position.Offset, streams.Length, 0, streams.Batch, inputs, targets);
            trainer.Step(new Batch { Shape = shape, Tokens = inputs, Classes = targets });
        }

        var weights = new float[network.Model.Parameters.Length];
        network.ReadWeights(weights);
        return weights;
    }
}
