using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

public sealed class DeviceTypesTests : IDisposable
{
    static readonly Func<IDevice> s_processor = CpuDevice.Create, s_other = static () => new ReferenceDevice<float>();

    readonly TemporaryFolder _folder = new();

    [Fact]
    public void Workers_on_one_type_of_device_are_nothing_to_tell()
    {
        var types = new DeviceTypes("");
        types.Add("cpu").ShouldBeNull();
        types.Add("cpu").ShouldBeNull();
        types.ToString().ShouldBe("cpu");
    }

    [Fact]
    public void Another_type_is_told_once()
    {
        var types = new DeviceTypes("");
        types.Add("opencl A");
        types.Add("cpu").ShouldBe(
            "workers compute on different types of device, cpu and opencl A: the weights depend on who computes what; only devices of one type give the same bits");
        types.Add("opencl A").ShouldBeNull();
        types.Add("cuda B")!.ShouldContain("cpu, cuda B and opencl A");
        types.ToString().ShouldBe("cpu; cuda B; opencl A");
    }

    [Fact]
    public void A_run_that_goes_on_on_its_own_type_has_nothing_to_tell_and_on_another_it_has()
    {
        new DeviceTypes("cuda B").Add("cuda B").ShouldBeNull();
        var moved = new DeviceTypes("cuda B");
        moved.Add("cpu").ShouldBe(
            "the run was computed on cuda B until now and goes on on cpu: the weights will not have the bits of a run that stays on one type of device");
        moved.ToString().ShouldBe("cpu; cuda B");
    }

    [Fact]
    public async Task A_checkpoint_says_what_the_run_was_computed_on_and_a_resumed_run_tells_when_that_changes()
    {
        File.WriteAllText(_folder["text.txt"], string.Concat(Enumerable.Range(0, 700).Select(index => (char)('a' + (index * index / 3 % 9)))));
        (await TrainAsync(4, [s_processor, s_processor])).ShouldBeEmpty();
        Devices(4).ShouldBe("cpu");
        (await TrainAsync(6, [s_processor])).ShouldBeEmpty();
        (await TrainAsync(8, [s_processor, s_other])).ShouldHaveSingleItem().ShouldStartWith("workers compute on different types of device, cpu and reference:");
        Devices(8).ShouldBe("cpu; reference");
    }

    public void Dispose() => _folder.Dispose();

    string Devices(long step) => new CheckpointStore(new DiskRunFiles(), _folder["run"], _ => { }).Newest().ShouldNotBeNull().Manifest is var manifest && manifest.Step == step
        ? manifest.Devices
        : $"a checkpoint of step {manifest.Step}";

    /// <returns>The notices.</returns>
    async Task<List<string>> TrainAsync(int steps, Func<IDevice>[] devices)
    {
        var tiny = TinyJob.Of(steps, every: new CheckpointBySteps(2));
        var notices = new List<string>();
        var observer = new Observer(happened =>
        {
            if (happened is Noticed notice) notices.Add(notice.Message);
        });
        var options = new TrainingRunOptions { Run = _folder["run"], Resume = true, Devices = devices };
        await using var run = await TrainingRun.StartAsync(
            tiny with { Data = tiny.Data with { Source = _folder["text.txt"] } }, options, [observer], TestContext.Current.CancellationToken);
        (await run.WaitAsync()).ShouldBeOfType<RunFinished>();
        return notices;
    }

    sealed class Observer(Action<TrainingEvent> heard) : ITrainingObserver
    {
        public void On(TrainingEvent happened) => heard(happened);
    }
}
