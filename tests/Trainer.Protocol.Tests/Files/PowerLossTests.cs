using System.Globalization;
using LstmCluster.Protocol;
using LstmCluster.Simulation;

namespace Trainer.Protocol.Tests;

/// <summary>Power lost at every operation of writing and removing checkpoints, each with many ways in which the disk may have been caught.</summary>
/// <remarks>LSTM_CLUSTER_CRASHES is the number of ways for each operation (25).</remarks>
public class PowerLossTests(ITestOutputHelper output)
{
    const int Steps = 4;

    static readonly int Ways = int.Parse(Environment.GetEnvironmentVariable("LSTM_CLUSTER_CRASHES") ?? "25", CultureInfo.InvariantCulture);

    [Fact]
    public void Whenever_power_is_lost_the_last_checkpoint_that_was_reported_loads_and_nothing_loads_that_is_wrong()
    {
        var points = 0;
        foreach (var disk in Crashes(ignoresFlushes: false))
        {
            points++;
            var refused = new List<string>();
            var after = new CheckpointStore(disk.Disk, "run", refused.Add, "after");
            var newest = after.Newest();

            (newest?.Manifest.Step ?? 0).ShouldBeInRange(disk.Reported, disk.Reported + 1, disk.Where);
            if (newest is not null) newest.ShouldBeOf(newest.Manifest.Step);
            refused.ShouldBeEmpty(disk.Where);

            // And the run goes on from there.
            SaveAll(after, _ => { });
            after.Newest().ShouldBeOf(Steps);
            disk.Disk.List(Path.Combine("run", "checkpoints")).ShouldBe([$"step-{Steps:D8}"], disk.Where);
        }

        output.WriteLine($"{points} crashes");
        points.ShouldBeGreaterThan(500);
    }

    [Fact]
    public void On_a_disk_that_flushes_nothing_checkpoints_are_lost_but_none_loads_that_is_wrong()
    {
        var (lost, refused) = (0, 0);
        foreach (var disk in Crashes(ignoresFlushes: true))
        {
            var newest = new CheckpointStore(disk.Disk, "run", _ => refused++, "after").Newest();
            if (newest is not null) newest.ShouldBeOf(newest.Manifest.Step);
            if ((newest?.Manifest.Step ?? 0) < disk.Reported) lost++;
        }

        // Or else the crashes above would be none.
        lost.ShouldBeGreaterThan(100);
        refused.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void Whenever_power_is_lost_while_a_checkpoint_learns_what_validations_have_shown_it_knows_either_all_of_it_or_nothing()
    {
        var whole = NewDisk();
        Learn(whole, 2);
        var (knowing, unknowing) = (0, 0);
        for (var operation = 2; operation <= whole.Operations; operation++)
        {
            for (var way = 0; way < Ways; way++)
            {
                var disk = NewDisk();
                disk.FailsAt = operation;
                var reported = Learn(disk, 2);
                disk.Crash(new Random((operation * 1_000_003) + way));

                var newest = new CheckpointStore(disk, "run", refused => throw new InvalidOperationException(refused), "after").Newest();
                if (newest is null)
                {
                    reported.ShouldBe(0);
                    continue;
                }

                var known = newest.Manifest.Validations.ShouldNotBeNull().LastStep;
                known.ShouldBeInRange(Math.Max(1, reported), Math.Min(2, reported + 1));
                (newest with { Manifest = newest.Manifest with { Validations = null } }).ShouldBeOf(2);
                _ = known == 2 ? knowing++ : unknowing++;
            }
        }

        (knowing > 0 && unknowing > 0).ShouldBeTrue($"{knowing} know, {unknowing} do not");
    }

    /// <summary>Saves the checkpoint of step 2 again and again, each time with a validation more.</summary>
    /// <returns>How often it was reported as done.</returns>
    static int Learn(SimulatedDisk disk, int times)
    {
        var store = new CheckpointStore(disk, "run", null, "before");
        for (var time = 1; time <= times; time++)
        {
            try
            {
                store.Save(Checkpoints.Of(2) with { Manifest = Checkpoints.Of(2).Manifest with { Validations = new ValidationHistory("loss", time) } });
            }
            catch (IOException)
            {
                return time - 1;
            }
        }

        return times;
    }

    /// <summary>The disk after each crash, with the step whose checkpoint was the last to be reported as done.</summary>
    static IEnumerable<(SimulatedDisk Disk, long Reported, string Where)> Crashes(bool ignoresFlushes)
    {
        var whole = NewDisk();
        SaveAll(new CheckpointStore(whole, "run", null, "before"), _ => { });
        for (var operation = 2; operation <= whole.Operations; operation++)
        {
            for (var way = 0; way < Ways; way++)
            {
                var disk = NewDisk();
                (disk.IgnoresFlushes, disk.FailsAt) = (ignoresFlushes, operation);
                var reported = 0L;
                try
                {
                    SaveAll(new CheckpointStore(disk, "run", null, "before"), step => reported = step);
                }
                catch (IOException)
                {
                    // The moment that was chosen.
                }

                disk.Crash(new Random((operation * 1_000_003) + way));
                disk.IgnoresFlushes = false;
                yield return (disk, reported, $"operation {operation}, way {way}");
            }
        }
    }

    static void SaveAll(CheckpointStore store, Action<long> done)
    {
        for (var step = 1L; step <= Steps; step++)
        {
            store.Save(Checkpoints.Of(step));
            done(step);
            store.Prune(1);
        }
    }

    static SimulatedDisk NewDisk()
    {
        var disk = new SimulatedDisk();
        disk.CreateDirectory("run");
        disk.FlushDirectory("");
        return disk;
    }
}
