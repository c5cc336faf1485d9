using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Worker.Tests;

public sealed class WeightCachesTests : IDisposable
{
    readonly Training _training = new();
    readonly WeightCaches _caches;
    int _opened;

    public WeightCachesTests() => _caches = new WeightCaches(_training.Model, _training.Pool);

    [Fact]
    public void Workers_of_one_device_share_what_was_prepared_and_those_of_another_have_their_own()
    {
        var weights = _training.Weights();
        using var first = Store("cpu").Acquire(Training.Publish(weights));
        using var second = Store("cpu").Acquire(Training.Publish(weights));
        using var other = Store("reference").Acquire(Training.Publish(weights));
        second.Weights.ShouldBeSameAs(first.Weights);
        other.Weights.ShouldNotBeSameAs(first.Weights);
        _opened.ShouldBe(2, "each device is opened once to prepare weights");
    }

    [Fact]
    public void What_is_put_together_for_one_device_is_there_for_all()
    {
        var weights = _training.Weights();
        var half = weights.Length / 2;
        Store("cpu").Assemble(Part(weights, 0, half)).ShouldBeNull();
        Store("reference").IsMissing(new WeightVersion(0), new ParameterRange(0, half)).ShouldBeFalse();
        var whole = Store("reference").Assemble(Part(weights, half, weights.Length - half)).ShouldNotBeNull();
        whole.Weights.Span.SequenceEqual(weights.Span).ShouldBeTrue();
        whole.Release();
    }

    public void Dispose()
    {
        _caches.Dispose();
        _training.Dispose();
    }

    IWeightStore Store(string device) => _caches.For(device, () =>
    {
        _opened++;
        return device == "cpu" ? CpuDevice.Create() : new ReferenceDevice<float>();
    });

    static WeightsPublished Part(Payload<float> weights, int offset, int length) =>
        new(new WeightVersion(0), new ParameterRange(offset, length), weights.Slice(offset, length));
}
