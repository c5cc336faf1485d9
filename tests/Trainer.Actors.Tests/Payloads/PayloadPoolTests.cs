namespace LstmCluster.Actors.Tests;

[Collection(nameof(Alone))]
public sealed class PayloadPoolTests
{
    [Fact]
    public void A_released_payload_is_rented_again_for_its_own_type_and_length_only()
    {
        using var pool = new PayloadPool();
        var first = pool.Rent<float>(16);
        first.Release();
        pool.Rent<float>(17).ShouldNotBeSameAs(first);
        ((object)pool.Rent<int>(16)).ShouldNotBeSameAs(first);
        pool.Rent<float>(16).ShouldBeSameAs(first);
        pool.Rent<float>(16).ShouldNotBeSameAs(first);
    }

    [Fact]
    public void No_more_than_the_limit_are_kept()
    {
        using var pool = new PayloadPool(keepPerLength: 2);
        var rented = Enumerable.Range(0, 3).Select(_ => pool.Rent<float>(4)).ToArray();
        foreach (var payload in rented) payload.Release();
        var again = Enumerable.Range(0, 3).Select(_ => pool.Rent<float>(4)).ToArray();
        again.Intersect(rented).Count().ShouldBe(2);
    }

    [Fact]
    public void What_is_in_use_outlives_the_pool_until_its_last_release()
    {
        var pool = new PayloadPool();
        var payload = pool.Copy<float>([1, 2]);
        pool.Dispose();
        payload.Span.ToArray().ShouldBe([1f, 2f]);
        payload.Release();
        payload.IsFreed.ShouldBeTrue();
        Should.Throw<ObjectDisposedException>(() => pool.Rent<float>(2));
    }

    [Fact]
    public void Disposing_frees_what_is_idle()
    {
        var pool = new PayloadPool();
        var payload = pool.Rent<float>(2);
        payload.Release();
        payload.IsFreed.ShouldBeFalse();
        pool.Dispose();
        payload.IsFreed.ShouldBeTrue();
    }

    [Fact]
    public void Nothing_is_left_behind_when_payloads_are_released_while_the_pool_is_disposed()
    {
        for (var round = 0; round < 200; round++)
        {
            var pool = new PayloadPool();
            var payloads = Enumerable.Range(1, 8).Select(length => pool.Rent<float>(length)).ToArray();
            Parallel.Invoke(
                () => Array.ForEach(payloads, payload => payload.Release()),
                pool.Dispose);
            payloads.ShouldAllBe(payload => payload.IsFreed);
        }
    }

    [Fact]
    public void No_two_holders_have_the_same_memory()
    {
        using var pool = new PayloadPool(keepPerLength: 2);
        var mixed = 0;
        Parallel.For(0, 8, holder =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                var payload = pool.Rent<int>(32);
                payload.Span.Fill(holder);
                Thread.Yield();
                if (payload.Span.ContainsAnyExcept(holder)) Interlocked.Increment(ref mixed);
                payload.Release();
            }
        });
        mixed.ShouldBe(0);
    }

    [Fact]
    public void Renting_and_releasing_allocates_nothing_in_a_steady_state()
    {
        using var pool = new PayloadPool();
        Turnover(pool, 100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Turnover(pool, 1000);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    static void Turnover(PayloadPool pool, int times)
    {
        for (var i = 0; i < times; i++) pool.Rent<float>(64).Release();
    }
}
