using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;
using LstmCluster.Simulation;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>Messages that are lost, late, doubled and out of order, and parameters that several servers keep. LSTM_CLUSTER_DRAWS sets how many seeds are drawn.</summary>
public class UnreliableNetworkTests
{
    const int Steps = 6;

    // More than five blocks of the norm.
    static readonly Job s_job = Wide(TinyJob.Of(Steps));

    static readonly Lazy<string> Undisturbed = new(() => Run(1, 1, null));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void The_number_of_parameter_servers_does_not_show_in_the_weights(int servers) => Run(servers, 3, null, seed: (ulong)servers).ShouldBe(Undisturbed.Value);

    [Fact]
    public void Whatever_becomes_of_messages_the_weights_are_those_of_an_undisturbed_run()
    {
        var draws = int.TryParse(Environment.GetEnvironmentVariable("LSTM_CLUSTER_DRAWS"), out var asked) ? asked : 200;
        for (var seed = 1; seed <= draws; seed++)
            Run(1 + (seed % 3), 1 + (seed % 4), pool => new Unreliable(seed, new SecondArrival(pool)), (ulong)seed).ShouldBe(Undisturbed.Value, $"seed {seed}");
    }

    static string Run(int servers, int workers, Func<PayloadPool, IDeliveryPolicy>? network, ulong seed = 1)
    {
        var length = TinyJob.Model(s_job).Parameters.Length;
        var blocks = GradientNorm.BlocksIn(length);
        int[] borders = [.. Enumerable.Range(0, servers).Select(server => server * blocks / servers * GradientNorm.BlockLength), length];
        using var training = new SimulatedTraining(
            s_job, workers, seed, network: network,
            plan: plan => plan with { Slices = [.. borders.Zip(borders.Skip(1), (first, end) => new ParameterRange(first, end - first))] });
        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
        return training.FinalWeights;
    }

    static Job Wide(Job job) => job with { Model = job.Model with { Layers = [new LstmLayerOptions { Units = 48 }, new LstmLayerOptions { Units = 32 }] } };

    /// <summary>A network that does with each message of the cluster what its seed says.</summary>
    sealed class Unreliable(int seed, SecondArrival second) : IDeliveryPolicy
    {
        readonly Random _random = new(seed);
        readonly double _loss = 0.15 * (seed % 5) / 4, _overtaking = 0.3 * (seed % 3) / 2, _doubling = 0.2 * (seed % 4) / 3;
        readonly int _delayMs = seed % 7 * 5;

        TimeSpan Delay => TimeSpan.FromMilliseconds(_random.Next(_delayMs + 1));

        public Delivery Route(ActorRef? sender, ActorRef receiver, Message message, TimeSpan elapsed)
        {
            if (message is not ClusterMessage) return Delivery.Immediate;
            if (_random.NextDouble() < _loss) return Delivery.Lost;
            return new Delivery(Delay) { MayOvertake = _random.NextDouble() < _overtaking, Copy = _random.NextDouble() < _doubling ? second.Of(message) : null, CopyDelay = Delay };
        }
    }
}
