using System.Reflection;
using System.Text.RegularExpressions;
using LstmCluster.Compute.Cpu;
using LstmCluster.Compute.Gpu;
using LstmCluster.Compute.OpenCl;

namespace LstmCluster.Compute.Tests;

/// <summary>What only an OpenCL device has. That operations agree with the reference is checked by the tests that <see cref="TestDevices"/> gives it to.</summary>
public sealed class OpenClDeviceTests : IDisposable
{
    readonly string _folder = Path.Combine(Path.GetTempPath(), $"kernels-{Guid.NewGuid():N}");

    [Fact]
    public void The_device_suite_runs_on_an_OpenCL_device()
    {
        RequireDevice();
        Assert.SkipWhen(TestDevices.AreChosen, "the suite runs on chosen devices only");
        TestDevices.Names.Select(row => row.Data).ShouldContain("opencl:0");
    }

    [Fact]
    public void Of_every_kind_of_GPU_there_are_devices_or_a_reason_why_not()
    {
        var kinds = GpuDevices.Describe().Select(device => device.Name.Split(':')[0]).Distinct().Concat(GpuDevices.Absent.Select(absent => absent.Kind));
        kinds.Order().ShouldBe(["cuda", "opencl"]);
        GpuDevices.Describe().Select(device => device.Name).ShouldBe(GpuDevices.Names);
        GpuDevices.Absent.ShouldAllBe(absent => absent.Reason.Length > 0 && !absent.Reason.Contains('\n'));
        Should.Throw<ArgumentException>(() => GpuDevices.Open("opencl:9999"));
    }

    /// <summary>What a CUDA driver would load has every kernel that the device launches, and the other way round.</summary>
    [Fact]
    public void Every_kernel_that_is_launched_is_there_in_both_forms_and_no_other()
    {
        var launched = typeof(GpuDevice).GetFields(BindingFlags.Static | BindingFlags.NonPublic)
            .Where(field => field.FieldType == typeof(GpuKernel)).Select(field => (GpuKernel)field.GetValue(null)!).ToLookup(kernel => kernel.Family, kernel => kernel.Name);
        launched.Select(family => family.Key).Order().ShouldBe(KernelSources.Families.Order());
        foreach (var file in KernelSources.Families)
        {
            var families = Enum.GetValues<ComputePrecision>().Select(precision => KernelSources.FamilyOf(file, precision)).Take(KernelSources.HasProducts(file) ? 3 : 1);
            foreach (var family in families)
            {
                Regex.Matches(KernelSources.Of(family, KernelForm.Processor), @"^kernel .*?\b(\w+_\w+)\(\s*(?:SPAN|const)", RegexOptions.Multiline)
                    .Select(match => match.Groups[1].Value).Order().ShouldBe(launched[file].Order(), family);
                Regex.Matches(KernelSources.Ptx(family), @"^\.visible \.entry (\w+)\(", RegexOptions.Multiline).Select(match => match.Groups[1].Value)
                    .Order().ShouldBe(launched[file].Order(), family);
            }
        }
    }

    /// <summary>Chips from before compute capability 8.0 load the files of single precision, and no others.</summary>
    [Fact]
    public void What_is_multiplied_with_tensor_cores_is_for_chips_that_have_them_and_all_else_for_all()
    {
        foreach (var file in KernelSources.Families)
        {
            KernelSources.Ptx(file).ShouldContain(".target sm_70\n", customMessage: file);
            KernelSources.Ptx(file).ShouldNotContain("mma.sync", customMessage: file);
            if (!KernelSources.HasProducts(file)) continue;
            KernelSources.Ptx($"{file}.tf32").ShouldContain("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32", customMessage: file);
            KernelSources.Ptx($"{file}.bf16").ShouldContain("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32", customMessage: file);
            foreach (var precision in new[] { "tf32", "bf16" }) KernelSources.Ptx($"{file}.{precision}").ShouldContain(".target sm_80\n", customMessage: file);
        }
    }

    [Fact]
    public void A_device_is_described()
    {
        RequireDevice();
        var device = OpenClDevices.Describe().First();
        device.Name.ShouldBe("opencl:0");
        device.Model.ShouldNotBeEmpty();
        device.Driver.ShouldContain("OpenCL");
        device.MemoryBytes.ShouldBeGreaterThan(0);
        device.ComputeUnits.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Kernels_are_compiled_once_and_found_by_the_next_start()
    {
        RequireDevice();
        CompiledBy(new KernelCache(_folder)).ShouldBe(1);
        CompiledBy(new KernelCache(_folder)).ShouldBe(0);
    }

    [Fact]
    public void Damaged_kernels_are_compiled_again()
    {
        RequireDevice();
        CompiledBy(new KernelCache(_folder));
        var file = Directory.GetFiles(_folder).ShouldHaveSingleItem();
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        CompiledBy(new KernelCache(_folder)).ShouldBe(1);
        File.WriteAllBytes(file, bytes[..20]);
        CompiledBy(new KernelCache(_folder)).ShouldBe(1);
        CompiledBy(new KernelCache(_folder)).ShouldBe(0);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_costs_nothing_but_the_cache()
    {
        RequireDevice();
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        CompiledBy(new KernelCache(Path.Combine(_folder, "file"))).ShouldBe(1);
    }

    [Fact]
    public void A_failed_call_names_the_call_its_code_and_the_device()
    {
        RequireDevice();
        var runtime = OpenClDevices.CreateRuntime(0, null);
        var kernel = new GpuKernel("vectors", "vector_scale");
        var wrong = Should.Throw<GpuException>(() => runtime.Launch(kernel, GpuGrid.Elements(1), [1, 2f, 3, 4, 5, 6, 7]));
        wrong.Message.ShouldStartWith("opencl:0: clSetKernelArg(vector_scale, ");
        wrong.Message.ShouldContain("CL_INVALID_ARG");
        Should.Throw<GpuException>(() => runtime.Launch(new GpuKernel("vectors", "vector_unknown"), GpuGrid.Elements(1), []))
            .Message.ShouldStartWith("opencl:0: clCreateKernel(vector_unknown) gave -46 (CL_INVALID_KERNEL_NAME)");
    }

    [Fact]
    public void Too_much_memory_is_refused_with_what_to_lower()
    {
        RequireDevice();
        var runtime = OpenClDevices.CreateRuntime(0, null);
        var error = Should.Throw<GpuMemoryException>(() => runtime.Allocate(1L << 50));
        error.Message.ShouldContain("training.batch");
        runtime.HeldBytes.ShouldBe(0);
    }

    /// <summary>So a rate that follows from a gradient's norm is the same number wherever the norm is taken.</summary>
    [Fact]
    public void Sums_of_squares_have_the_bits_of_the_Cpu()
    {
        RequireDevice();
        using var device = OpenClDevices.Open(0);
        using var cpu = CpuDevice.Create();
        foreach (var (length, block) in new[] { (1, 1), (15, 16), (16, 16), (10_000, 4096), (4097, 4096), (333, 100), (333, int.MaxValue) })
        {
            var values = Array.ConvertAll(new Draw(length).Uniform(length), x => (float)x);
            On(device).ShouldBe(On(cpu));

            double[] On(IDevice on)
            {
                using var x = on.Import(values);
                var sums = new double[(length / block) + (length % block > 0 ? 1 : 0)];
                on.SumSquares(x.All, block, sums);
                return sums;
            }
        }
    }

    [Fact]
    public void Operands_of_another_device_are_refused()
    {
        RequireDevice();
        using var device = OpenClDevices.Open(0);
        using var cpu = CpuDevice.Create();
        using var own = device.Allocate(3);
        using var foreign = cpu.Allocate(3);
        Should.Throw<ArgumentException>(() => device.Add(own.All, foreign.All)).Message.ShouldContain("opencl:0");
    }

    /// <summary>Blocks of pinned memory are used again only when the device has taken what stood in them.</summary>
    [Fact]
    public void Many_writes_in_a_row_arrive_each_as_it_was_when_it_was_issued()
    {
        RequireDevice();
        using var device = OpenClDevices.Open(0);
        const int count = 300, length = 1000;
        using var buffer = device.Allocate(count * length);
        var values = new float[length];
        for (var index = 0; index < count; index++)
        {
            Array.Fill(values, index);
            device.Write(buffer.Slice(index * length, length), values);
        }

        var found = new float[count * length];
        device.Read(buffer.All, found);
        found.Select((value, at) => value == at / length).ShouldAllBe(same => same);
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    static void RequireDevice()
    {
        if (OpenClDevices.Absence is { } reason)
            Assert.Skip($"NOT TESTED ON OPENCL: {reason}. Install pocl-opencl-icd and ocl-icd-libopencl1 to run the device suite on it.");
    }

    static int CompiledBy(KernelCache cache)
    {
        var runtime = OpenClDevices.CreateRuntime(0, cache);
        using var device = new GpuDevice(runtime);
        using var buffer = device.Import(new float[] { 1, 2, 3 });
        device.Scale(buffer.All, 2);
        var doubled = new float[3];
        device.Read(buffer.All, doubled);
        doubled.ShouldBe([2, 4, 6]);
        return runtime.Compiled;
    }
}
