using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Actors.Tests;

public sealed class EventQueueTests
{
    [Fact]
    public void Events_come_by_moment_and_those_of_one_moment_in_the_order_in_which_they_were_added() =>
        Check.QuickThrowOnFailure(Prop.ForAll<int[]>(moments =>
        {
            var queue = new EventQueue();
            var events = moments.Select((moment, place) => new Marked(Math.Abs(moment % 10), place)).ToArray();
            foreach (var added in events) queue.Add(new TimeSpan(added.Moment), added);
            Drain(queue).ShouldBe(events.OrderBy(added => added.Moment).ThenBy(added => added.Place));
        }));

    [Fact]
    public void Events_that_were_taken_back_make_room_and_the_others_keep_their_order()
    {
        var queue = new EventQueue();
        var random = new Random(1);
        var kept = new List<Marked>();
        for (var i = 0; i < 100_000; i++)
        {
            var added = new Marked(random.Next(1000), i) { Taken = i % 50 != 0 };
            if (!added.Taken) kept.Add(added);
            queue.Add(new TimeSpan(added.Moment), added);
        }

        queue.Count.ShouldBeLessThan(10_000);
        Drain(queue).Where(left => !left.Taken).ShouldBe(kept.OrderBy(added => added.Moment).ThenBy(added => added.Place));
    }

    static List<Marked> Drain(EventQueue queue)
    {
        var drained = new List<Marked>();
        while (queue.TryPeek(out var due, out var next))
        {
            due.Ticks.ShouldBe(((Marked)next).Moment);
            drained.Add((Marked)next);
            queue.Remove();
        }

        return drained;
    }

    sealed class Marked(int moment, int place) : SimulatedEvent
    {
        public int Moment => moment;

        public int Place => place;

        public bool Taken { get; init; }

        public override bool IsCancelled => Taken;

        public override void Run() => throw new InvalidOperationException("nothing is to happen here");
    }
}
