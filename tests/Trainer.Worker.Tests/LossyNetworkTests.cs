using LstmCluster.Actors;
using LstmCluster.Compute.Cpu;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Worker.Tests;

/// <summary>A process with several slots behind a network that loses, doubles, delays and reorders messages: every step is computed in the end, with the bits of an undisturbed one.</summary>
/// <remarks><c>LSTM_CLUSTER_LOSSY_SEEDS</c> sets how many runs each test makes.</remarks>
public class LossyNetworkTests
{
    const int Steps = 5;

    static readonly Lazy<List<float[]>> s_undisturbed = new(() => Run(seed: 1, new Network(seed: 1)).Gradients);

    static int Seeds => int.Parse(Environment.GetEnvironmentVariable("LSTM_CLUSTER_LOSSY_SEEDS") ?? "12", System.Globalization.CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(typeof(AskForJob))]
    [InlineData(typeof(JobOffered))]
    [InlineData(typeof(WorkerJoined))]
    [InlineData(typeof(Welcome))]
    [InlineData(typeof(WeightsPublished))]
    [InlineData(typeof(AskForWeights))]
    [InlineData(typeof(AssignShards))]
    [InlineData(typeof(ShardsDone))]
    [InlineData(typeof(PushGradient))]
    public void Half_of_one_kind_of_message_is_lost(Type kind)
    {
        for (var seed = 1UL; seed <= 3; seed++)
            ShouldBeUndisturbed(seed, new Network(seed) { Loss = message => message.GetType() == kind ? 0.5 : 0 });
    }

    [Fact]
    public void Messages_of_every_kind_are_lost_doubled_delayed_and_overtaken()
    {
        for (var seed = 1UL; seed <= (ulong)Seeds; seed++)
        {
            var (loss, copies, delay) = (0.03 * (seed % 5), 0.1 * (seed % 4), TimeSpan.FromMilliseconds(20 * (seed % 3)));
            ShouldBeUndisturbed(seed, new Network(seed) { Loss = _ => loss, Copies = copies, Delay = delay });
        }
    }

    [Fact]
    public void Without_disturbance_a_process_sends_each_part_of_the_vector_once_a_step()
    {
        var (_, pushes) = Run(seed: 3, new Network(seed: 3));
        pushes.ShouldBe(Steps * 2, "two servers, and one node that is all shards");
    }

    static void ShouldBeUndisturbed(ulong seed, Network network)
    {
        var (gradients, _) = Run(seed, network);
        foreach (var (found, wanted) in gradients.Zip(s_undisturbed.Value)) Computed.Bits(found).ShouldBe(Computed.Bits(wanted), $"seed {seed}");
    }

    static (List<float[]> Gradients, int Pushes) Run(ulong seed, Network network)
    {
        using var training = new Training(shards: 5);
        var length = training.Model.Parameters.Length;
        var runtime = new SimulatedRuntime(seed, network);
        var job = JobReader.Parse("name: tiny\ntask: language-model\ndata: { source: x }\nmodel: { layers: [lstm: { units: 3 }] }\ntraining: { batch: 5, shards: 5, steps: 9 }", "test");
        var demander = new Demander(training, Steps, [new(0, 200), new(200, length - 200)], new JobPackage(job, new Dictionary<string, string>()).ToBytes(), workers: 3);
        var coordinator = runtime.Spawn("coordinator", () => demander, new ActorOptions { Supervision = Supervision.EscalateOnFailure });
        var ends = new List<HostEnd>();
        runtime.Spawn(
            "host", () => new WorkerHost(
                new HostStart(coordinator, training.Pool, ends.Add), new WorkerSlots("pc", [CpuDevice.Create, CpuDevice.Create, CpuDevice.Create]), _ => training.Model),
            new ActorOptions { Supervision = Supervision.EscalateOnFailure });
        runtime.RunUntil(() => demander.IsDone || runtime.Failure.IsCompleted, TimeSpan.FromMinutes(10));
        if (runtime.Failure.IsCompleted) throw new InvalidOperationException($"seed {seed}", runtime.Failure.Result);
        ends.ShouldBeEmpty();
        runtime.DisposeAsync().AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        training.HeldReferences.ShouldBe(0, $"seed {seed}");
        training.Pool.Rented.ShouldBe(Steps, "the weights of the test alone");
        return (demander.Gradients, demander.Pushes);
    }

    /// <summary>Between processes; what the actors of the host's process say to each other arrives.</summary>
    sealed class Network(ulong seed) : IDeliveryPolicy
    {
        readonly Random _random = new((int)seed);

        public Func<Message, double> Loss { get; init; } = _ => 0;

        public double Copies { get; init; }

        public TimeSpan Delay { get; init; }

        public Delivery Route(ActorRef? sender, ActorRef receiver, Message message, TimeSpan elapsed)
        {
            if (message is not ClusterMessage || (sender?.Name != "coordinator" && receiver.Name != "coordinator")) return Delivery.Immediate;
            if (_random.NextDouble() < Loss(message)) return Delivery.Lost;
            return new Delivery(_random.NextDouble() * Delay)
            {
                MayOvertake = Delay > TimeSpan.Zero,
                Copy = _random.NextDouble() < Copies ? CopyOf(message) : null,
                CopyDelay = _random.NextDouble() * 10 * Delay,
            };
        }

        static Message? CopyOf(Message message) => message switch
        {
            WeightsPublished m => m with { Weights = m.Weights.Retain() },
            PushGradient m => m with { Gradient = m.Gradient.Singles!.Retain() },
            JobOffered m => m with { Job = m.Job.Retain() },
            AssignShards m => Retained(m),
            ShardsDone m => Retained(m),
            _ => message,
        };

        static AssignShards Retained(AssignShards message)
        {
            foreach (var shard in message.Shards)
            {
                shard.Tokens?.Retain();
                shard.Classes?.Retain();
                shard.State?.Retain();
            }

            return message;
        }

        static ShardsDone Retained(ShardsDone message)
        {
            foreach (var result in message.Results) result.State?.Retain();
            return message;
        }
    }
}
