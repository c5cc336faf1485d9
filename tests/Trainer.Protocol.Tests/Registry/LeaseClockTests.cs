using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

public class LeaseClockTests
{
    static readonly TimeSpan s_granted = TimeSpan.FromSeconds(10);

    readonly ManualClock _time = new();

    [Fact]
    public void It_is_believed_for_nine_tenths_of_its_time()
    {
        var clock = new LeaseClock(_time, _time.GetTimestamp(), s_granted);

        _time.Advance(TimeSpan.FromSeconds(9) - TimeSpan.FromTicks(1));
        clock.IsValid.ShouldBeTrue();
        _time.Advance(TimeSpan.FromTicks(1));
        clock.IsValid.ShouldBeFalse();
    }

    [Fact]
    public void Time_counts_from_the_sending_of_a_renewal_not_from_its_answer()
    {
        var clock = new LeaseClock(_time, _time.GetTimestamp(), s_granted);
        _time.Advance(TimeSpan.FromSeconds(4));
        var sent = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(3));

        clock.Renew(sent, s_granted).ShouldBeTrue();

        clock.Left.ShouldBe(TimeSpan.FromSeconds(6));
    }

    [Fact]
    public void A_renewal_that_comes_too_late_revives_nothing()
    {
        var clock = new LeaseClock(_time, _time.GetTimestamp(), s_granted);
        _time.Jump(TimeSpan.FromSeconds(9));

        clock.Renew(_time.GetTimestamp(), s_granted).ShouldBeFalse();

        clock.IsValid.ShouldBeFalse();
    }

    [Fact]
    public void What_was_ended_is_over()
    {
        var clock = new LeaseClock(_time, _time.GetTimestamp(), s_granted);

        clock.End();

        clock.IsValid.ShouldBeFalse();
        clock.Renew(_time.GetTimestamp(), s_granted).ShouldBeFalse();
    }

    /// <summary>Whatever the order of waits and renewals: believed only while the server's time from the last renewal, counted from its receipt, is not over.</summary>
    [Fact]
    public void It_is_never_believed_longer_than_the_server_keeps_it()
    {
        var steps = Gen.ListOf(Gen.Zip(Gen.Choose(0, 6000), Gen.Choose(0, 3000))).ToArbitrary();
        Prop.ForAll(steps, waits =>
        {
            var time = new ManualClock();
            var clock = new LeaseClock(time, time.GetTimestamp(), s_granted);
            var serverKeepsUntil = time.Now + s_granted;
            foreach (var (pause, underway) in waits)
            {
                time.Jump(TimeSpan.FromMilliseconds(pause));
                var sent = time.GetTimestamp();
                time.Jump(TimeSpan.FromMilliseconds(underway));
                if (time.Now < serverKeepsUntil)
                {
                    serverKeepsUntil = time.Now + s_granted;
                    clock.Renew(sent, s_granted);
                }

                if (clock.IsValid && time.Now >= serverKeepsUntil) return false;
            }

            time.Jump(clock.Left);
            return time.Now < serverKeepsUntil && !clock.IsValid || time.Now >= serverKeepsUntil && !clock.IsValid;
        }).QuickCheckThrowOnFailure();
    }
}
