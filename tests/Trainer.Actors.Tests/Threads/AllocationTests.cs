namespace LstmCluster.Actors.Tests;

/// <summary>Alone, because what the process allocates is counted.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class AllocationTests
{
    const int Messages = 50_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Passing_a_message_on_allocates_nothing_in_a_steady_state(bool ownThread)
    {
        await using var runtime = new ThreadRuntime(TimeProvider.System, seed: 1);
        var options = new ActorOptions { OwnThread = ownThread };
        var left = runtime.Spawn("left", () => new Player(), options);
        var right = runtime.Spawn("right", () => new Player(), options);
        await Play();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await Play();
        var perMessage = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Messages;

        // The smallest object takes 24 bytes: one for each message would show.
        perMessage.ShouldBeLessThan(8);

        async Task Play()
        {
            var rally = new Rally(left, right, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            runtime.Send(left, rally);
            await rally.Done.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }
    }

    sealed record Rally(ActorRef Left, ActorRef Right, TaskCompletionSource Done) : Message
    {
        public int Passed;
    }

    sealed class Player : IActor
    {
        public ValueTask ReceiveAsync(Message message, IActorContext context)
        {
            var rally = (Rally)message;
            if (++rally.Passed == Messages) rally.Done.SetResult();
            else context.Send(context.Self == rally.Left ? rally.Right : rally.Left, rally);
            return ValueTask.CompletedTask;
        }
    }
}
