using System.Net;
using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Protocol.Tests;

/// <summary>The codec where it is used: between two nodes.</summary>
public sealed class LoopbackTests
{
    static readonly TimeSpan Safety = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task An_assignment_crosses_to_a_worker_and_its_gradient_comes_back()
    {
        using var pool = new PayloadPool();
        await using var coordinating = new ThreadRuntime(TimeProvider.System, seed: 1);
        await using var working = new ThreadRuntime(TimeProvider.System, seed: 2);
        await using var here = new NetworkNode(coordinating, new TrainerCodec(), pool, new NetworkOptions { Name = "coordinator" });
        await using var there = new NetworkNode(working, new TrainerCodec(), pool, new NetworkOptions { Name = "worker" });
        var gradient = new TaskCompletionSource<(ActorRef Worker, float[] Sum)>(TaskCreationOptions.RunContinuationsAsynchronously);
        coordinating.Spawn("coordinator", () => new Coordinating(pool, gradient));
        var remote = await there.Connect(here.Listen(new IPEndPoint(IPAddress.Loopback, 0))).ConnectedAsync().WaitAsync(Safety);
        var coordinator = (await remote.ResolveAsync("/coordinator").WaitAsync(Safety)).ShouldNotBeNull();
        working.Spawn("worker-0", () => new Working(pool, coordinator));
        var (worker, sum) = await gradient.Task.WaitAsync(Safety);
        worker.Path.ShouldBe("//worker/worker-0");
        sum.ShouldBe([1f, 3f, 5f, 7f]);
    }

    sealed class Coordinating(PayloadPool pool, TaskCompletionSource<(ActorRef Worker, float[] Sum)> gradient) : IActor
    {
        public ValueTask ReceiveAsync(Message message, IActorContext context)
        {
            switch (message)
            {
                case WorkerJoined joined:
                    var batch = new ShardBatch(0, new BatchShape(2, 2), 2) { Tokens = pool.Copy<int>([0, 1, 2, 3]), Classes = pool.Copy<int>([1, 2, 3, 4]) };
                    context.Send(joined.Worker, new AssignShards(new Round(WorkKind.Train, new Step(1), 0), 1, [batch]));
                    break;
                case PushGradient pushed:
                    gradient.SetResult((pushed.Worker, pushed.Gradient.Singles!.Span.ToArray()));
                    pushed.Release();
                    break;
            }

            return ValueTask.CompletedTask;
        }
    }

    sealed class Working(PayloadPool pool, ActorRef coordinator) : IActor
    {
        public ValueTask StartedAsync(IActorContext context)
        {
            context.Send(coordinator, new WorkerJoined(context.Self, "cpu"));
            return ValueTask.CompletedTask;
        }

        public ValueTask ReceiveAsync(Message message, IActorContext context)
        {
            var assigned = (AssignShards)message;
            var tokens = assigned.Shards[0].Tokens!.Span;
            var targets = assigned.Shards[0].Classes!.Span;
            var sum = pool.Rent<float>(tokens.Length);
            for (var i = 0; i < tokens.Length; i++) sum.Span[i] = tokens[i] + targets[i];
            assigned.Release();
            context.Send(coordinator, new PushGradient(context.Self, assigned.Round.Step, assigned.Attempt, new ShardRange(0, 1), new ParameterRange(0, sum.Length), sum));
            return ValueTask.CompletedTask;
        }
    }
}
