namespace Trainer.Protocol.Tests;

/// <summary>Waits for what will happen; the limit only keeps a test that has failed from hanging.</summary>
static class Waits
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Limit);

    public static Task Soon(this Task task) => task.WaitAsync(Limit);

    /// <summary>Waits until a token fires.</summary>
    public static async Task Fired(this CancellationToken token)
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = token.Register(fired.SetResult);
        await fired.Task.WaitAsync(Limit, CancellationToken.None);
    }
}
