namespace LstmCluster.Actors.Tests;

public sealed class PayloadSliceTests : IDisposable
{
    readonly PayloadPool _pool = new();

    public void Dispose() => _pool.Dispose();

    [Fact]
    public void A_slice_is_a_part_of_the_same_memory()
    {
        var whole = _pool.Copy<float>([1, 2, 3, 4]);
        var slice = whole.Slice(1, 2);
        slice.Span.ToArray().ShouldBe([2f, 3f]);
        slice.Span[0] = 7;
        whole.Span.ToArray().ShouldBe([1f, 7f, 3f, 4f]);
        ((IWirePayload)slice).Bytes.Length.ShouldBe(8);
        slice.Release();
        whole.Release();
    }

    [Fact]
    public void A_slice_outlives_every_reference_to_the_whole_and_the_memory_goes_back_with_the_last_of_both()
    {
        var whole = _pool.Copy<float>([1, 2, 3]);
        var (first, second) = (whole.Slice(0, 1), whole.Slice(1, 2));
        whole.Release();
        _pool.Rented.ShouldBe(1, "slices are no payloads of their own");
        first.Release();
        second.Span.ToArray().ShouldBe([2f, 3f]);
        second.Retain();
        second.Release();
        _pool.Rent<float>(3).ShouldNotBeSameAs(whole);
        second.Release();
        _pool.Rented.ShouldBe(1);
        _pool.Rent<float>(3).ShouldBeSameAs(whole);
    }

    [Fact]
    public void A_slice_that_is_gone_cannot_be_used_though_the_whole_is_there()
    {
        var whole = _pool.Rent<int>(8);
        var slice = whole.Slice(2, 4);
        slice.Release();
        Should.Throw<ObjectDisposedException>(() => slice.Span.Length);
        Should.Throw<ObjectDisposedException>(() => slice.Slice(0, 1));
        Should.Throw<ObjectDisposedException>(() => slice.Pin());
        Should.Throw<InvalidOperationException>(slice.Release);
        whole.References.ShouldBe(1);
        whole.Release();
    }

    [Fact]
    public void The_part_of_a_part_holds_the_whole_alone()
    {
        var whole = _pool.Copy<int>([0, 1, 2, 3, 4, 5]);
        var part = whole.Slice(1, 5);
        var inner = part.Slice(2, 2);
        whole.Release();
        part.Release();
        inner.Span.ToArray().ShouldBe([3, 4]);
        using (var pin = inner.Memory.Pin()) inner.References.ShouldBe(2);
        inner.Release();
        _pool.Rented.ShouldBe(0);
    }

    [Fact]
    public void A_part_that_does_not_lie_within_the_whole_is_refused()
    {
        var whole = _pool.Rent<byte>(4);
        foreach (var (offset, length) in new[] { (-1, 1), (0, -1), (0, 5), (4, 1), (5, 0), (1, int.MaxValue) })
            Should.Throw<ArgumentOutOfRangeException>(() => whole.Slice(offset, length));
        whole.Slice(4, 0).Release();
        whole.References.ShouldBe(1);
        whole.Release();
    }

    [Fact]
    public void Slices_are_sent_as_their_own_bytes_from_their_own_memory()
    {
        var whole = _pool.Copy<ushort>([1, 2, 3, 4]);
        var slice = whole.Slice(2, 2);
        var wire = (IWirePayload)slice;
        (wire.Type, wire.Length).ShouldBe((ElementType.U16, 2));
        wire.Bytes.Span.ToArray().ShouldBe(new byte[] { 3, 0, 4, 0 });
        using (wire.Bytes[3..].Pin()) slice.References.ShouldBe(2);
        slice.Release();
        whole.Release();
    }

    [Fact]
    public void Slices_taken_and_given_back_by_many_threads_leave_the_whole_as_it_was()
    {
        var whole = _pool.Rent<int>(64);
        Parallel.For(0, 8, holder =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                var slice = whole.Slice(8 * holder, 8);
                slice.Span.Fill(holder);
                slice.Release();
            }
        });
        whole.References.ShouldBe(1);
        whole.Span.ToArray().ShouldBe(Enumerable.Range(0, 64).Select(index => index / 8));
        whole.Release();
        _pool.Rented.ShouldBe(0);
    }
}
