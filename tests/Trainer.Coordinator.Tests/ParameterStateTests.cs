using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

public sealed class ParameterStateTests : IDisposable
{
    const int Length = 10;

    static readonly ParameterSlice s_slice = ParameterSlice.Of(Length, new ParameterRange(0, Length));

    readonly PayloadPool _pool = new();
    readonly CpuDevice _device = CpuDevice.Create();

    [Fact]
    public void Weights_that_somebody_holds_are_never_written()
    {
        using var state = State(new Adam());
        var held = state.Weights.Retain();
        var before = held.Span.ToArray();
        for (var step = 1; step <= 5; step++) Update(state, step);
        held.Span.ToArray().ShouldBe(before);
        held.References.ShouldBe(1);
        state.Weights.Span.ToArray().ShouldNotBe(before);
        held.Release();
    }

    [Fact]
    public void The_version_counts_updates()
    {
        using var state = State(new Sgd());
        state.Version.ShouldBe(new WeightVersion(0));
        Update(state, 1);
        Update(state, 2);
        state.Version.ShouldBe(new WeightVersion(2));
    }

    [Fact]
    public void Copies_of_the_optimizer_state_stay_as_they_were()
    {
        using var state = State(new Adam());
        Update(state, 1);
        var copies = state.CopyOptimizerState();
        var before = copies.Select(copy => copy.Span.ToArray()).ToList();
        Update(state, 2);
        copies.Select(copy => copy.Span.ToArray()).ShouldBe(before);
        var after = state.CopyOptimizerState();
        after.Select(copy => copy.Span.ToArray()).ShouldNotBe(before);
        foreach (var copy in copies.Concat(after)) copy.Release();
    }

    [Fact]
    public void A_plain_update_takes_the_rate_times_the_scaled_gradient_off()
    {
        using var state = State(new Sgd());
        Update(state, 1, scale: 0.25, rate: 0.5).ShouldBe(0.25 * Math.Sqrt(Length), 1e-6);
        state.Weights.Span.ToArray().ShouldAllBe(weight => Math.Abs(weight - (1 - (0.25f * 0.5f))) < 1e-6f);
    }

    [Fact]
    public void The_limit_of_an_element_holds_after_scaling()
    {
        using var state = State(new Sgd());
        Update(state, 1, scale: 4, rate: 1, limit: 0.5).ShouldBe(0.5 * Math.Sqrt(Length), 1e-6);
    }

    [Fact]
    public void Vectors_that_the_optimizer_does_not_have_are_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(
            () => new ParameterState(_device, Rule(new Adam()), s_slice, new ParameterStart(s_slice.Range, new WeightVersion(0), _pool.Rent<float>(Length), [_pool.Rent<float>(Length)]), _pool));

    [Fact]
    public void Everything_is_given_back_at_the_end()
    {
        var state = State(new Adam());
        Update(state, 1);
        var weights = state.Weights;
        state.Dispose();
        weights.References.ShouldBe(0);
    }

    public void Dispose()
    {
        _device.Dispose();
        _pool.Dispose();
    }

    ParameterState State(Optimizer optimizer)
    {
        var vectors = new List<Payload<float>>();
        foreach (var _ in optimizer.StateNames) vectors.Add(_pool.Copy<float>(new float[Length]));
        return new ParameterState(
            CpuDevice.Create(), Rule(optimizer), s_slice,
            new ParameterStart(s_slice.Range, new WeightVersion(0), _pool.Copy<float>(Enumerable.Repeat(1f, Length).ToArray()), vectors), _pool);
    }

    static UpdateRule Rule(Optimizer optimizer) => new(optimizer, ParameterRates.Uniform(Length));

    double Update(ParameterState state, long step, double scale = 1, double rate = 0.1, double? limit = null)
    {
        using var gradient = _pool.Copy<float>(Enumerable.Repeat(1f, Length).ToArray());
        var squares = state.Update(new ApplyStep(new Step(step), scale, limit, rate), [gradient]);
        var norm = Math.Sqrt(BlockNorm.Sum(squares.Span));
        squares.Release();
        return norm;
    }
}
