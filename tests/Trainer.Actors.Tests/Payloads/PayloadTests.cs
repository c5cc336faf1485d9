using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Actors.Tests;

public sealed class PayloadTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(4096)]
    public unsafe void Memory_starts_at_a_64_byte_boundary(int length)
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<byte>(length);
        payload.Length.ShouldBe(length);
        payload.Span.Length.ShouldBe(length);
        using (var pin = payload.Pin()) ((nuint)pin.Pointer % 64).ShouldBe((nuint)0);
        payload.Release();
    }

    [Fact]
    public void The_last_release_ends_access()
    {
        using var pool = new PayloadPool();
        var payload = pool.Copy<float>([1, 2, 3]);
        payload.Retain();
        payload.Release();
        payload.Span.ToArray().ShouldBe([1f, 2f, 3f]);
        payload.Release();
        Should.Throw<ObjectDisposedException>(() => payload.Span.Length);
        Should.Throw<ObjectDisposedException>(() => payload.Pin());
    }

    [Fact]
    public void A_reference_cannot_be_taken_or_given_back_after_the_last_release()
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<float>(3);
        payload.Release();
        Should.Throw<ObjectDisposedException>(() => payload.Retain());
        Should.Throw<ObjectDisposedException>(() => payload.Retain());
        Should.Throw<InvalidOperationException>(payload.Release);
        payload.References.ShouldBe(0);
        pool.Rent<float>(3).ShouldBeSameAs(payload);
        payload.References.ShouldBe(1);
    }

    [Fact]
    public void A_pin_is_a_reference()
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<float>(3);
        var pin = payload.Memory.Pin();
        payload.Release();
        payload.References.ShouldBe(1);
        pool.Rent<float>(3).ShouldNotBeSameAs(payload);
        pin.Dispose();
        payload.References.ShouldBe(0);
        Should.Throw<ArgumentOutOfRangeException>(() => payload.Pin(-1));
        Should.Throw<ArgumentOutOfRangeException>(() => payload.Pin(4));
    }

    [Fact]
    public void References_count_what_was_taken_less_what_was_given_back() => Check.QuickThrowOnFailure(Prop.ForAll<bool[]>(takes =>
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<long>(2);
        var expected = 1;
        foreach (var take in takes)
        {
            if (take) payload.Retain();
            else if (expected > 1) payload.Release();
            expected += take ? 1 : expected > 1 ? -1 : 0;
        }

        return payload.References == expected;
    }));

    [Fact]
    public void References_taken_and_given_back_by_many_threads_add_up()
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<int>(8);
        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                payload.Retain();
                payload.Release();
            }
        });
        payload.References.ShouldBe(1);
        payload.Release();
        payload.References.ShouldBe(0);
    }
}
