using System.Threading.Channels;

namespace LstmCluster.Actors.Tests;

/// <summary>Things that happen on other threads, to be awaited one by one.</summary>
sealed class Signal<T>
{
    readonly Channel<T> _items = Channel.CreateUnbounded<T>();

    public int Waiting => _items.Reader.Count;

    public void Set(T item) => _items.Writer.TryWrite(item).ShouldBeTrue();

    public Task<T> NextAsync() => _items.Reader.ReadAsync().AsTask().InTime();
}

static class Wait
{
    static readonly TimeSpan Safety = TimeSpan.FromSeconds(30);

    /// <summary>For what another thread brings about and nobody announces.</summary>
    public static async Task Until(Func<bool> condition)
    {
        var end = Environment.TickCount64 + (long)Safety.TotalMilliseconds;
        while (!condition())
        {
            if (Environment.TickCount64 > end) throw new TimeoutException("the condition did not come to hold");
            await Task.Yield();
            Thread.Yield();
        }
    }

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Safety);

    public static Task InTime(this Task task) => task.WaitAsync(Safety);
}
