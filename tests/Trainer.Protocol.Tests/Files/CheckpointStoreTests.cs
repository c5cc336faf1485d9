using LstmCluster.Protocol;
using LstmCluster.Simulation;

namespace Trainer.Protocol.Tests;

public class CheckpointStoreTests
{
    static readonly string s_folder = Path.Combine("run", "checkpoints");
    static readonly string[] s_files = ["manifest.json", "weights.safetensors", "optimizer.safetensors", "state.safetensors"];

    readonly SimulatedDisk _disk = NewDisk();
    readonly List<string> _refused = [];

    CheckpointStore Store => new(_disk, "run", _refused.Add, "w");

    static SimulatedDisk NewDisk()
    {
        var disk = new SimulatedDisk();
        disk.CreateDirectory("run");
        disk.FlushDirectory("");
        return disk;
    }

    [Fact]
    public void A_run_directory_that_was_made_is_there_after_a_loss_of_power_with_its_checkpoints()
    {
        var disk = new SimulatedDisk();
        disk.MakeDirectory("runs");
        disk.MakeDirectory(Path.Combine("runs", "of", "today"));
        new CheckpointStore(disk, Path.Combine("runs", "of", "today"), _refused.Add, "w").Save(Checkpoints.Of(5));

        disk.Crash();

        new CheckpointStore(disk, Path.Combine("runs", "of", "today"), _refused.Add, "w").Newest().ShouldBeOf(5);
    }

    [Fact]
    public void What_is_saved_is_loaded_with_the_hash_of_its_weights()
    {
        var manifest = Store.Save(Checkpoints.Of(5));

        Store.Newest().ShouldBeOf(5);
        using var weights = _disk.OpenRead(Path.Combine(s_folder, "step-00000005", "weights.safetensors"));
        manifest.WeightsSha256.ShouldBe(Safetensors.Read(weights).DataSha256);
        Store.Newest()!.Manifest.ShouldBe(manifest);
        _disk.List(Path.Combine(s_folder, "step-00000005")).ShouldBe(s_files, ignoreOrder: true);
    }

    [Fact]
    public void The_newest_is_the_one_with_the_highest_step_not_the_last_written()
    {
        foreach (var step in new long[] { 100_000_000, 5, 99_999_999 })
            Store.Save(Checkpoints.Of(step));

        Store.Newest().ShouldBeOf(100_000_000);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_read_for_a_moment_is_neither_removed_nor_taken_for_missing()
    {
        Store.Save(Checkpoints.Of(5));
        var store = new CheckpointStore(new UnreadableFiles(_disk), "run", _refused.Add, "w");

        Should.Throw<IOException>(() => store.Save(Checkpoints.Of(5))).Message.ShouldBe("manifest.json: cannot be read: Input/output error");
        Should.Throw<IOException>(() => store.Load(5));
        store.Load(6).ShouldBeNull();
        _refused.ShouldBeEmpty();

        Store.Load(5).ShouldBeOf(5);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_read_is_passed_over_for_an_older_one_and_named()
    {
        Store.Save(Checkpoints.Of(5));
        Store.Save(Checkpoints.Of(7));

        new CheckpointStore(new UnreadableFiles(_disk, "step-00000007"), "run", _refused.Add, "w").Newest().ShouldBeOf(5);

        _refused.ShouldBe(["checkpoints/step-00000007 refused: manifest.json: cannot be read: Input/output error"]);
    }

    [Fact]
    public void A_run_without_checkpoints_has_no_newest() => Store.Newest().ShouldBeNull();

    [Fact]
    public void A_checkpoint_that_is_whole_is_never_written_again()
    {
        var first = Store.Save(Checkpoints.Of(5));
        var other = Checkpoints.Of(5) with { Weights = [TensorData.Of("x", new float[1], 1)] };

        Store.Save(other).ShouldBe(first);
        Store.Newest().ShouldBeOf(5);
    }

    [Fact]
    public void A_damaged_checkpoint_gives_way_to_a_new_one_of_its_step()
    {
        Store.Save(Checkpoints.Of(5));
        _disk.Delete(Path.Combine(s_folder, "step-00000005", "state.safetensors"));

        Store.Save(Checkpoints.Of(5));

        Store.Newest().ShouldBeOf(5);
        _disk.List(s_folder).ShouldBe(["step-00000005"]);
    }

    [Fact]
    public void Flipping_any_bit_of_any_byte_of_the_newest_is_noticed_and_the_one_before_is_used()
    {
        Store.Save(Checkpoints.Of(1));
        Store.Save(Checkpoints.Of(2));
        foreach (var path in s_files.Select(name => Path.Combine(s_folder, "step-00000002", name)))
        {
            var good = _disk.Read(path);
            for (var bit = 0; bit < good.Length * 8; bit += 3)
            {
                var bad = good.ToArray();
                bad[bit / 8] ^= (byte)(1 << (bit % 8));
                _disk.Set(path, bad);
                _refused.Clear();

                Store.Newest()!.Manifest.Step.ShouldBe(1, $"{path} bit {bit}");
                _refused.ShouldHaveSingleItem().ShouldStartWith("checkpoints/step-00000002 refused: ");
            }

            _disk.Set(path, good);
        }

        Store.Newest().ShouldBeOf(2);
    }

    [Fact]
    public void Cutting_any_file_of_the_newest_at_any_length_is_noticed()
    {
        Store.Save(Checkpoints.Of(1));
        Store.Save(Checkpoints.Of(2));
        foreach (var name in s_files)
        {
            var path = Path.Combine(s_folder, "step-00000002", name);
            var good = _disk.Read(path);
            for (var length = 0; length < good.Length; length++)
            {
                _disk.Set(path, good[..length]);
                _refused.Clear();

                Store.Newest()!.Manifest.Step.ShouldBe(1, $"{path} length {length}");
                _refused.ShouldHaveSingleItem().ShouldStartWith($"checkpoints/step-00000002 refused: {name}: ");
            }

            _disk.Set(path, [.. good, 0]);
            Store.Newest()!.Manifest.Step.ShouldBe(1, $"{path} and one byte more");
            _disk.Set(path, good);
        }
    }

    [Fact]
    public void A_refused_checkpoint_is_named_with_its_reason()
    {
        Store.Save(Checkpoints.Of(150));
        var path = Path.Combine(s_folder, "step-00000150", "weights.safetensors");
        var bytes = _disk.Read(path).ToArray();
        bytes[^1] ^= 1;
        _disk.Set(path, bytes);

        Store.Newest().ShouldBeNull();

        _refused.ShouldBe(["checkpoints/step-00000150 refused: weights.safetensors: SHA-256 differs"]);
    }

    [Fact]
    public void A_checkpoint_under_the_name_of_another_step_is_refused()
    {
        Store.Save(Checkpoints.Of(1));
        _disk.MoveDirectory(Path.Combine(s_folder, "step-00000001"), Path.Combine(s_folder, "step-00000009"));

        Store.Newest().ShouldBeNull();
        _refused.ShouldBe(["checkpoints/step-00000009 refused: manifest.json: is of step 1"]);
    }

    [Fact]
    public void Pruning_keeps_the_newest_whole_ones_and_removes_leftovers()
    {
        for (var step = 1; step <= 5; step++)
            Store.Save(Checkpoints.Of(step));
        _disk.CreateDirectory(Path.Combine(s_folder, ".step-00000006.tmp-other"));
        _disk.Set(Path.Combine(s_folder, "step-00000005", "manifest.json"), []);

        Store.Prune(2);

        _disk.List(s_folder).ShouldBe(["step-00000003", "step-00000004", "step-00000005"], ignoreOrder: true);
    }

    [Fact]
    public void The_best_that_a_kept_checkpoint_names_stays_with_it_and_goes_when_none_names_it_any_more()
    {
        for (var step = 1; step <= 6; step++) Save(step, best: 2);

        // A store that has written none of them has to read who is named.
        Store.Prune(2);
        _disk.List(s_folder).ShouldBe(["step-00000002", "step-00000005", "step-00000006"], ignoreOrder: true);

        Save(7, best: 7);
        Store.Prune(2);
        _disk.List(s_folder).ShouldBe(["step-00000002", "step-00000006", "step-00000007"], ignoreOrder: true, "that of step 6 may still be gone on from");
        Save(8, best: 7);
        Save(9, best: 7);
        Store.Prune(2);
        _disk.List(s_folder).ShouldBe(["step-00000007", "step-00000008", "step-00000009"], ignoreOrder: true);
        Store.Holds(7).ShouldBeTrue();
        Store.Holds(2).ShouldBeFalse();

        void Save(long step, long best) =>
            Store.Save(Checkpoints.Of(step) with { Manifest = Checkpoints.Of(step).Manifest with { BestStep = best } });
    }

    [Fact]
    public void What_validations_have_shown_is_kept_to_the_last_bit()
    {
        var shown = new ValidationHistory("F1 of spam", 40) { BestStep = 30, Best = 1.0 / 3, BestLoss = 0.1 + 0.2, SinceBest = 2 };
        var all = Checkpoints.Of(40);
        Store.Save(all with { Manifest = all.Manifest with { Validations = shown, BestStep = 30 } });

        Store.Newest()!.Manifest.Validations.ShouldBe(shown);
        Store.Newest()!.Manifest.BestStep.ShouldBe(30);
    }

    [Fact]
    public void What_validations_have_shown_since_is_taken_over_and_nothing_else()
    {
        var before = new ValidationHistory("loss", 38) { BestStep = 38, Best = 0.5, BestLoss = 0.5 };
        var since = before with { LastStep = 40, SinceBest = 1 };
        var written = Save(before, best: 38);
        var supplemented = Save(since, best: 36);
        supplemented.ShouldBe(written with { Validations = since, BestStep = 36 });
        Save(before, best: 38).ShouldBe(supplemented, "what was known earlier takes nothing away");
        Save(null, best: null).ShouldBe(supplemented);
        var judged = Save(new ValidationHistory("accuracy", 40) { SinceBest = 1 }, best: null);
        (judged.Validations!.Metric, judged.BestStep).ShouldBe(("accuracy", null));

        var newest = Store.Newest().ShouldNotBeNull();
        newest.Manifest.ShouldBe(judged);
        (newest with { Manifest = Checkpoints.Of(40).Manifest }).ShouldBeOf(40);
        _refused.ShouldBeEmpty();
        _disk.List(s_folder).ShouldBe(["step-00000040"]);
        _disk.List(Path.Combine(s_folder, "step-00000040")).ShouldBe(s_files, ignoreOrder: true);

        CheckpointManifest Save(ValidationHistory? shown, long? best) =>
            Store.Save(Checkpoints.Of(40) with { Manifest = Checkpoints.Of(40).Manifest with { Validations = shown, BestStep = best } });
    }

    [Fact]
    public void Pruning_leaves_alone_what_a_coordinator_of_a_higher_term_is_writing()
    {
        var store = new CheckpointStore(_disk, "run", _refused.Add, "w", new Term(12));
        store.Save(Checkpoints.Of(1));
        string[] higher = [".step-00000009.tmp-t13-w", ".step-00000009.old-t120-w"];
        foreach (var name in (string[])[".step-00000009.tmp-t12-w", ".step-00000009.old-t2-x", ".step-00000009.tmp-12345678", .. higher])
            _disk.CreateDirectory(Path.Combine(s_folder, name));

        store.Prune(1);

        _disk.List(s_folder).ShouldBe(["step-00000001", .. higher], ignoreOrder: true);
    }

    [Fact]
    public void Names_that_are_not_checkpoints_are_left_alone()
    {
        Store.Save(Checkpoints.Of(1));
        foreach (var name in new[] { "notes", "step-1", "step-000000000000001", "step-abc", "step-00000002.bak" })
            _disk.CreateDirectory(Path.Combine(s_folder, name));

        Store.Prune(1);

        _disk.List(s_folder).Count.ShouldBe(6);
        _refused.ShouldBeEmpty();
    }

    /// <summary>Saves steps 1, 2, 3 with pruning to one; returns the highest step whose save was reported as done.</summary>
    static long SaveAndPrune(CheckpointStore store)
    {
        long done = 0;
        try
        {
            for (var step = 1; step <= 3; step++)
            {
                store.Save(Checkpoints.Of(step));
                done = step;
                store.Prune(1);
            }
        }
        catch (IOException)
        {
        }

        return done;
    }

    public static TheoryData<bool, bool> Faults => new() { { true, true }, { true, false }, { false, false } };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Whatever_operation_fails_the_last_checkpoint_that_was_reported_loads(bool staysDown, bool crashes)
    {
        var whole = NewDisk();
        SaveAndPrune(new CheckpointStore(whole, "run", null, "w")).ShouldBe(3);
        whole.Operations.ShouldBeGreaterThan(60);

        for (var operation = 2; operation < whole.Operations; operation++)
        {
            var disk = NewDisk();
            disk.FailsAt = operation;
            disk.StaysDown = staysDown;
            var done = SaveAndPrune(new CheckpointStore(disk, "run", null, "w"));
            done.ShouldBeLessThan(4);
            disk.FailsAt = null;
            if (crashes)
                disk.Crash();

            var refused = new List<string>();
            var after = new CheckpointStore(disk, "run", refused.Add, "v");
            var newest = after.Newest();
            if (done > 0)
                newest.ShouldNotBeNull($"operation {operation}");
            if (newest is not null)
            {
                // The one being saved may have become complete though its save was reported as failed.
                newest.Manifest.Step.ShouldBeInRange(done, done + 1, $"operation {operation}");
                newest.ShouldBeOf(newest.Manifest.Step);
            }

            refused.ShouldBeEmpty($"operation {operation}");
            SaveAndPrune(after).ShouldBe(3);
            disk.List(s_folder).ShouldBe(["step-00000003"], $"operation {operation}");
            after.Newest().ShouldBeOf(3);
        }
    }
}
