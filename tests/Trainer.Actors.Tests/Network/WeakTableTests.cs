using System.Runtime.CompilerServices;

namespace LstmCluster.Actors.Tests;

public sealed class WeakTableTests
{
    [Fact]
    public void A_key_has_one_object_while_somebody_holds_it()
    {
        var table = new WeakTable<int, object>();
        var first = table.GetOrAdd(1, 0, (_, _) => new object());
        table.GetOrAdd(1, 0, (_, _) => new object()).ShouldBeSameAs(first);
        table.TryGet(1, out var found).ShouldBeTrue();
        found.ShouldBeSameAs(first);
        table.TryGet(2, out _).ShouldBeFalse();
    }

    [Fact]
    public void What_nobody_holds_does_not_pile_up()
    {
        var table = new WeakTable<int, object>();
        for (var round = 0; round < 20; round++)
        {
            Fill(table, round * 1000);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        table.Count.ShouldBeLessThan(5000);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Fill(WeakTable<int, object> table, int first)
    {
        for (var i = first; i < first + 1000; i++) table.GetOrAdd(i, 0, (_, _) => new object());
    }
}
