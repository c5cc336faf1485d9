using LstmCluster.Actors;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>Who is waited for when a run has ended.</summary>
public class AttendanceTests
{
    static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    static readonly TimeSpan s_limit = Attendance.ReturnLimit;

    readonly Attendance _attendance = new();
    readonly NamedRef _first = new("/one/host-1"), _again = new("/one/host-2"), _other = new("/two/host-1");

    [Fact]
    public void Those_who_are_there_are_waited_for_until_they_have_left_but_not_longer_than_the_limit()
    {
        _attendance.Came(_first);
        _attendance.Came(_other);
        Awaited(s_second, s_second).ShouldBe(2);
        _attendance.Gone(new Terminated(_first, null), s_second);
        Awaited(s_second, s_second).ShouldBe(1);
        Awaited(s_second, s_second + s_limit).ShouldBe(0);
    }

    [Fact]
    public void One_that_was_lost_is_waited_for_until_it_has_had_its_time_counted_from_its_loss()
    {
        _attendance.Came(_first);
        _attendance.Gone(new Terminated(_first, new IOException("cut off")), 3 * s_second);
        Awaited(5 * s_second, (3 * s_second) + s_limit - TimeSpan.FromTicks(1)).ShouldBe(1);
        Awaited(5 * s_second, (3 * s_second) + s_limit).ShouldBe(0);
    }

    [Fact]
    public void One_that_is_back_over_another_connection_is_there_though_the_end_of_the_old_one_is_told_late()
    {
        _attendance.Came(_first);
        _attendance.Came(_again);
        _attendance.Gone(new Terminated(_first, new IOException("replaced")), s_second);
        _attendance.Present.ShouldBe([_again]);
    }

    [Fact]
    public void When_the_coordinator_itself_is_lost_everybody_has_the_time_to_find_the_next_one()
    {
        _attendance.Came(_first);
        _attendance.Came(_other);
        _attendance.Scatter(s_second);
        _attendance.Present.ShouldBeEmpty();
        Awaited(s_second, 2 * s_second).ShouldBe(2);
        _attendance.Came(_again);
        _attendance.Gone(new Terminated(_again, null), 2 * s_second);
        Awaited(s_second, 2 * s_second).ShouldBe(1);
        Awaited(s_second, s_second + s_limit).ShouldBe(0);
    }

    int Awaited(TimeSpan ended, TimeSpan now) => _attendance.Awaited(ended, now);
}
