using System.Security.Cryptography;
using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

public sealed class CheckpointerTests : IDisposable
{
    static readonly SequenceModel s_model = SequenceModel.LanguageModel(vocabulary: 5, embedding: 3, units: [4]);

    readonly TemporaryFolder _run = new();
    // Without reuse, so that a payload that was given back stays at zero references.
    readonly PayloadPool _pool = new(keepPerLength: 0);
    readonly FailingFiles _files = new();
    readonly SimulatedRuntime _runtime = new(seed: 1);
    readonly List<Message> _answers = [];
    readonly List<Payload<float>> _payloads = [];
    readonly CheckpointContent _content = new(s_model.Parameters, new Adam().StateNames, 3, s_model.StateSize);
    readonly CheckpointStore _store;
    readonly ActorRef _checkpointer;

    public CheckpointerTests()
    {
        var coordinator = _runtime.Spawn("coordinator", () => new Inbox(_answers));
        _store = new CheckpointStore(_files, _run.Path);
        _checkpointer = _runtime.Spawn("checkpointer", () => new Checkpointer(
            _store, _files, _run.Path, _content, new Dictionary<string, string> { ["vocabulary"] = "char:abcde" }, 77, keep: 2, coordinator));
    }

    [Fact]
    public void A_checkpoint_holds_weights_optimizer_state_carried_state_and_place()
    {
        var write = Write(6);
        var (weights, optimizer, state) = (Values(write.Parts[0].Weights), write.Parts[0].OptimizerState.Select(Values).ToList(), Values(write.CarriedState[1]!));
        Tell(write).ShouldBeOfType<CheckpointDone>().Step.ShouldBe(new Step(6));

        var read = new CheckpointStore(_files, _run.Path).Newest().ShouldNotBeNull();
        var place = read.Manifest;
        (place.Step, place.WeightVersion, place.Epoch, place.Position, place.Seed).ShouldBe((6, 6, 2, 40, 77UL));
        read.Metadata["vocabulary"].ShouldBe("char:abcde");
        var vector = new float[_content.Length];
        _content.FromTensors(read.Weights, vector);
        vector.ShouldBe(weights);
        var vectors = _content.OptimizerFromTensors(read.Optimizer, _pool);
        vectors.Select(Values).ShouldBe(optimizer);
        using var states = _content.StateFromTensors(read.State, _pool);
        Values(states.All[1].ShouldNotBeNull()).ShouldBe(state);
        (states.All[0], states.All[2]).ShouldBe((null, null));
        foreach (var payload in vectors) payload.Release();
    }

    [Fact]
    public void A_checkpoint_is_complete_even_when_old_ones_cannot_be_removed()
    {
        for (var step = 1; step <= 2; step++) Tell(Write(step)).ShouldBeOfType<CheckpointDone>().Leftover.ShouldBeNull();
        _files.DeleteFailure = "in use";
        Tell(Write(3)).ShouldBeOfType<CheckpointDone>().Leftover.ShouldBe("in use");
        new CheckpointStore(_files, _run.Path).Newest().ShouldNotBeNull().Manifest.Step.ShouldBe(3);
        _files.DeleteFailure = null;
        Tell(Write(4)).ShouldBeOfType<CheckpointDone>().Leftover.ShouldBeNull();
        _files.List(Path.Combine(_run.Path, "checkpoints")).Count.ShouldBe(2);
    }

    [Fact]
    public void A_disk_that_refuses_is_reported_and_the_next_checkpoint_succeeds()
    {
        Tell(Write(1)).ShouldBeOfType<CheckpointDone>();
        _files.Failure = "no space left";
        var failed = Tell(Write(2)).ShouldBeOfType<CheckpointFailed>();
        (failed.Step, failed.Reason).ShouldBe((new Step(2), "no space left"));
        _store.Newest()!.Manifest.Step.ShouldBe(1);
        _files.Failure = null;
        Tell(Write(3)).ShouldBeOfType<CheckpointDone>();
        _store.Newest()!.Manifest.Step.ShouldBe(3);
    }

    [Fact]
    public void Written_or_not_every_reference_is_given_back()
    {
        Tell(Write(1));
        _files.Failure = "no space left";
        Tell(Write(2));
        _payloads.ShouldAllBe(payload => payload.References == 0);
    }

    [Fact]
    public void Only_the_newest_are_kept()
    {
        for (var step = 1; step <= 4; step++) Tell(Write(step));
        Directory.GetDirectories(_run["checkpoints"]).Select(Path.GetFileName).Order().ShouldBe(["step-00000003", "step-00000004"]);
    }

    [Fact]
    public void The_result_is_the_last_checkpoints_weights_and_their_hash()
    {
        Tell(Write(1));
        Tell(Write(2));
        var written = Tell(new WriteResult(new Step(2))).ShouldBeOfType<ResultWritten>();
        written.Failure.ShouldBeNull();
        written.WeightsSha256.ShouldBe(DataSha256(_run["weights.safetensors"]));
        File.ReadAllBytes(_run["weights.safetensors"]).ShouldBe(File.ReadAllBytes(Path.Combine(_store.PathOf(2), "weights.safetensors")));
    }

    [Fact]
    public void A_result_whose_checkpoint_is_missing_is_refused()
    {
        Tell(Write(1));
        Tell(new WriteResult(new Step(2))).ShouldBe(new ResultWritten(null, "the checkpoint of step 2 is missing"));
        File.Exists(_run["weights.safetensors"]).ShouldBeFalse();
    }

    [Fact]
    public void A_result_that_cannot_be_written_says_why()
    {
        Tell(Write(1));
        _files.Failure = "no space left";
        Tell(new WriteResult(new Step(1))).ShouldBe(new ResultWritten(null, "no space left"));
    }

    [Fact]
    public void The_best_weights_stay_and_become_the_result()
    {
        Tell(Write(1) with { Best = new Step(1) });
        for (var step = 2; step <= 5; step++) Tell(Write(step) with { Best = new Step(1) }).ShouldBeOfType<CheckpointDone>();
        Directory.GetDirectories(_run["checkpoints"]).Select(Path.GetFileName).Order().ShouldBe(["step-00000001", "step-00000004", "step-00000005"]);

        Tell(new WriteResult(new Step(5), Best: new Step(1))).ShouldBeOfType<ResultWritten>().WeightsSha256.ShouldBe(_store.Load(1)!.Manifest.WeightsSha256);
        File.ReadAllBytes(_run["weights.safetensors"]).ShouldBe(File.ReadAllBytes(Path.Combine(_store.PathOf(1), "weights.safetensors")));
    }

    [Fact]
    public void Best_weights_that_the_disk_refuses_are_written_before_anything_that_names_them()
    {
        Tell(Write(1));
        _files.Failure = "no space left";
        var best = Write(2) with { Best = new Step(2) };
        var weights = Values(best.Parts[0].Weights);
        Tell(best).ShouldBeOfType<CheckpointFailed>().Step.ShouldBe(new Step(2));
        Tell(Write(3) with { Best = new Step(2) }).ShouldBeOfType<CheckpointFailed>().Step.ShouldBe(new Step(3));
        _payloads.Count(payload => payload.References > 0).ShouldBe(4, "what is owed is held, and nothing else");
        _files.Failure = null;
        Tell(Write(4) with { Best = new Step(2) }).ShouldBeOfType<CheckpointDone>();

        var vector = new float[_content.Length];
        _content.FromTensors(_store.Load(2).ShouldNotBeNull().Weights, vector);
        vector.ShouldBe(weights);
        _payloads.ShouldAllBe(payload => payload.References == 0);
    }

    [Fact]
    public void Best_weights_that_the_disk_refuses_are_forgotten_when_others_are_better()
    {
        _files.Failure = "no space left";
        Tell(Write(1) with { Best = new Step(1) });
        Tell(Write(2) with { Best = new Step(2) });
        _files.Failure = null;
        Tell(new WriteResult(new Step(3), Best: new Step(2))).ShouldBeOfType<ResultWritten>().WeightsSha256.ShouldNotBeNull();
        _store.Load(1).ShouldBeNull();
        _payloads.ShouldAllBe(payload => payload.References == 0);
    }

    [Fact]
    public void The_checkpoint_that_diverged_is_set_aside_when_an_older_one_is_left()
    {
        Tell(Write(1));
        Tell(Write(2));
        Tell(new FindLastGood(new Step(2))).ShouldBe(new LastGoodCheckpoint(_store.PathOf(1)));
        Directory.Exists(_store.PathOf(2)).ShouldBeFalse();
        Tell(new FindLastGood(new Step(1))).ShouldBe(new LastGoodCheckpoint(_store.PathOf(1)));
        Tell(new FindLastGood(null)).ShouldBe(new LastGoodCheckpoint(_store.PathOf(1)));
    }

    [Fact]
    public void Without_any_checkpoint_there_is_no_last_good_one() =>
        Tell(new FindLastGood(new Step(1))).ShouldBe(new LastGoodCheckpoint(null));

    [Fact]
    public void A_tensor_that_is_missing_is_named()
    {
        var tensors = _content.ToTensors(new float[_content.Length]).Where(tensor => tensor.Name != "layers.0.bias_ih_l0").ToList();
        Should.Throw<UserErrorException>(() => _content.FromTensors(tensors, new float[_content.Length]))
            .Message.ShouldBe("the checkpoint has no tensor layers.0.bias_ih_l0: it is of another model or optimizer");
    }

    [Fact]
    public void A_tensor_of_another_shape_is_named_with_both()
    {
        var other = SequenceModel.LanguageModel(vocabulary: 6, embedding: 3, units: [4]).Parameters;
        var tensors = new CheckpointContent(other, [], 3, s_model.StateSize).ToTensors(new float[other.Length]);
        Should.Throw<UserErrorException>(() => _content.FromTensors(tensors, new float[_content.Length]))
            .Message.ShouldBe("the checkpoint's embedding.weight is [6,3] where the job's model has [5,3]");
    }

    [Fact]
    public void Another_optimizers_state_is_refused() =>
        Should.Throw<UserErrorException>(() => _content.OptimizerFromTensors([], _pool)).Message.ShouldContain("first_moment.embedding.weight");

    public void Dispose()
    {
        _runtime.DisposeAsync().AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        _pool.Dispose();
        _run.Dispose();
    }

    Message Tell(Message message)
    {
        _runtime.Send(_checkpointer, message);
        _runtime.RunUntilIdle();
        return _answers[^1];
    }

    WriteCheckpoint Write(long step)
    {
        var vectors = Enumerable.Range(0, 3).Select(_ => Numbers(_content.Length, step)).ToList();
        var state = Numbers(2 * s_model.StateSize, step);
        return new WriteCheckpoint(
            new Step(step), new DataPosition(2, 40), [new SnapshotTaken(new Step(step), new ParameterRange(0, vectors[0].Length), vectors[0], vectors[1..])], [null, state, null]);
    }

    Payload<float> Numbers(int length, long seed)
    {
        var payload = _pool.Copy<float>(Enumerable.Range(0, length).Select(index => (float)Math.Sin(index + (100 * seed) + _payloads.Count)).ToArray());
        _payloads.Add(payload);
        return payload;
    }

    static float[] Values(Payload<float> payload) => payload.Span.ToArray();

    internal static string DataSha256(string path)
    {
        var bytes = File.ReadAllBytes(path);
        return Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(8 + (int)BitConverter.ToInt64(bytes))));
    }

    sealed class Inbox(List<Message> messages) : IActor
    {
        public ValueTask ReceiveAsync(Message message, IActorContext context)
        {
            messages.Add(message);
            return ValueTask.CompletedTask;
        }
    }
}
