using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;

namespace Lstm.Compute.Tests.Models;

public sealed class SequenceRunMisuseTests : IDisposable
{
    static readonly BatchShape s_shape = new(Steps: 2, Rows: 3);
    static readonly ShardRows[] s_shards = [new(0, new RowRange(0, 2)), new(4, new RowRange(2, 1))];
    static readonly int[] s_tokens = [0, 1, 2, 3, 4, 0];

    readonly SequenceModel _model = SequenceModel.LanguageModel(vocabulary: 5, embedding: 3, units: [4]);
    readonly CpuDevice _device = CpuDevice.Create();
    readonly DeviceBuffer _parameters, _gradient;
    readonly ModelWeights _weights;
    readonly SequenceRun _run;

    public SequenceRunMisuseTests()
    {
        var vector = new float[_model.Parameters.Length];
        _model.Parameters.Initialize(1, vector);
        _parameters = _device.Import(vector);
        _gradient = _device.Import(new float[vector.Length]);
        _weights = new ModelWeights(_model, _device, training: true);
        _weights.Load(_parameters.All);
        _run = new SequenceRun(_model, _device);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void A_token_outside_of_the_vocabulary_is_refused(int token) =>
        Should.Throw<ArgumentOutOfRangeException>(() => Load([0, 1, token, 3, 4, 0], s_tokens)).Message.ShouldContain("token");

    [Theory]
    [InlineData(5)]
    [InlineData(int.MaxValue)]
    public void A_target_beyond_the_classes_is_refused(int target) =>
        Should.Throw<ArgumentOutOfRangeException>(() => Load(s_tokens, [0, 1, target, 3, 4, 0])).Message.ShouldContain("target");

    [Fact]
    public void An_ignored_target_has_no_loss()
    {
        Load(s_tokens, [0, -1, 2, 3, int.MinValue, 0]);
        _run.Forward(_weights, training: false);
        var losses = new float[6];
        _run.Losses(losses);
        losses.Select(loss => loss > 0).ShouldBe([true, false, true, true, false, true]);
    }

    [Fact]
    public void Tokens_that_do_not_fill_the_batch_are_refused()
    {
        Should.Throw<ArgumentException>(() => Load([0, 1, 2], s_tokens));
        Should.Throw<ArgumentException>(() => Load(s_tokens, [0, 1, 2]));
        Should.Throw<ArgumentException>(() => Load([.. s_tokens, 0], s_tokens));
    }

    [Fact]
    public void Shards_that_are_not_all_rows_in_order_are_refused()
    {
        ShardRows[][] wrong =
        [
            [new(0, new RowRange(0, 2))],
            [new(0, new RowRange(0, 2)), new(1, new RowRange(1, 2))],
            [new(0, new RowRange(0, 1)), new(1, new RowRange(2, 1))],
            [new(0, new RowRange(0, 2)), new(1, new RowRange(2, 2))],
            [new(1, new RowRange(0, 2)), new(0, new RowRange(2, 1))],
            [new(0, new RowRange(0, 2)), new(0, new RowRange(2, 1))],
            [new(0, new RowRange(0, 0)), new(1, new RowRange(0, 3))],
        ];
        foreach (var shards in wrong) Should.Throw<ArgumentException>(() => _run.Load(s_shape, s_tokens, s_tokens, shards)).Message.ShouldContain("shard");
    }

    [Fact]
    public void What_needs_a_batch_is_refused_without_one()
    {
        var state = new float[_model.StateSize];
        Should.Throw<InvalidOperationException>(() => _run.WriteState(0, state));
        Should.Throw<InvalidOperationException>(() => _run.Forward(_weights, training: false));
    }

    [Fact]
    public void What_needs_a_forward_pass_is_refused_before_it()
    {
        Load(s_tokens, s_tokens);
        Should.Throw<InvalidOperationException>(() => _run.ReadState(0, new float[_model.StateSize]));
        Should.Throw<InvalidOperationException>(() => _run.ReadOutputs(new float[30]));
        Should.Throw<InvalidOperationException>(() => _run.Losses(new float[6]));
        Should.Throw<InvalidOperationException>(Backward);
    }

    [Fact]
    public void A_new_batch_has_no_scores_of_the_last_one()
    {
        Load(s_tokens, s_tokens);
        _run.Forward(_weights, training: false);
        Load(s_tokens, s_tokens);
        Should.Throw<InvalidOperationException>(() => _run.ReadOutputs(new float[30]));
    }

    [Fact]
    public void Losses_need_targets()
    {
        Load(s_tokens, []);
        _run.Forward(_weights, training: false);
        Should.Throw<InvalidOperationException>(() => _run.Losses(new float[6]));
    }

    [Fact]
    public void Scores_that_losses_have_overwritten_are_not_handed_out()
    {
        Load(s_tokens, s_tokens);
        _run.Forward(_weights, training: true);
        _run.Losses(new float[6]);
        Should.Throw<InvalidOperationException>(() => _run.ReadOutputs(new float[30]));
        Should.Throw<InvalidOperationException>(() => _run.Losses(new float[6]));
    }

    [Fact]
    public void Scores_stay_after_the_losses_of_an_evaluation()
    {
        var (before, after) = (new float[30], new float[30]);
        Load(s_tokens, s_tokens);
        _run.Forward(_weights, training: false);
        _run.ReadOutputs(before);
        _run.Losses(new float[6]);
        _run.ReadOutputs(after);
        after.ShouldBe(before);
    }

    [Fact]
    public void Backward_needs_the_losses_of_a_forward_pass_in_training_and_uses_them_up()
    {
        Load(s_tokens, s_tokens);
        _run.Forward(_weights, training: false);
        _run.Losses(new float[6]);
        Should.Throw<InvalidOperationException>(Backward);

        _run.Forward(_weights, training: true);
        Should.Throw<InvalidOperationException>(Backward);
        _run.Losses(new float[6]);
        Backward();
        Should.Throw<InvalidOperationException>(Backward);
        _run.ReadState(0, new float[_model.StateSize]);
    }

    [Fact]
    public void Vectors_of_another_size_are_refused()
    {
        Load(s_tokens, s_tokens);
        var state = new float[_model.StateSize];
        Should.Throw<ArgumentException>(() => _run.WriteState(0, new float[state.Length + 1]));
        Should.Throw<ArgumentException>(() => _run.WriteState(3, state));
        Should.Throw<ArgumentException>(() => _run.CountTargets(new RowRange(2, 2)));
        _run.Forward(_weights, training: true);
        Should.Throw<ArgumentException>(() => _run.ReadState(-1, state));
        Should.Throw<ArgumentException>(() => _run.ReadState(0, new float[state.Length - 1]));
        Should.Throw<ArgumentException>(() => _run.ReadOutputs(new float[29]));
        Should.Throw<ArgumentException>(() => _run.Losses(new float[5]));
        _run.Losses(new float[6]);
        Should.Throw<ArgumentException>(() => BackwardTo(new GradientTarget(new ShardRange(0, 1), _gradient.All)));
        Should.Throw<ArgumentException>(() => BackwardTo(new(new ShardRange(0, 1), _gradient.All), new(new ShardRange(1, 1), _gradient.All)));
        Should.Throw<ArgumentException>(() => BackwardTo(new(new ShardRange(0, 1), _gradient.All), new(new ShardRange(4, 1), _gradient.Slice(1, 2))));
        Backward();
    }

    [Fact]
    public void Training_with_weights_prepared_for_inference_is_refused()
    {
        using var inference = new ModelWeights(_model, _device, training: false);
        inference.Load(_parameters.All);
        Load(s_tokens, s_tokens);
        Should.Throw<ArgumentException>(() => _run.Forward(inference, training: true)).Message.ShouldContain("inference");
        _run.Forward(inference, training: false);
    }

    [Fact]
    public void A_state_that_is_written_after_a_forward_pass_is_for_the_next_one()
    {
        Load(s_tokens, s_tokens);
        _run.Forward(_weights, training: true);
        _run.WriteState(1, new float[_model.StateSize]);
        Should.Throw<InvalidOperationException>(() => _run.Losses(new float[6]));
        _run.Forward(_weights, training: true);
        _run.Losses(new float[6]);
    }

    public void Dispose()
    {
        _run.Dispose();
        _weights.Dispose();
        _gradient.Dispose();
        _parameters.Dispose();
        _device.Dispose();
    }

    void Load(int[] inputs, int[] targets) => _run.Load(s_shape, inputs, targets, s_shards);

    void Backward() => BackwardTo(new(new ShardRange(0, 1), _gradient.All), new(new ShardRange(4, 1), _gradient.All));

    void BackwardTo(params GradientTarget[] targets) => _run.Backward(_weights, targets);
}
