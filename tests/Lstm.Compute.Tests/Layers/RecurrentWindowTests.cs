using LstmCluster.Compute.Cpu;
using LstmCluster.Compute.OpenCl;

namespace LstmCluster.Compute.Tests;

/// <summary>A recurrent layer run in windows of time computes what it computes in one call.</summary>
public sealed class RecurrentWindowTests : IDisposable
{
    const int Inputs = 3, Units = 6;

    static readonly BatchShape Shape = new(9, 5);

    readonly CpuDevice _device = CpuDevice.Create();

    [Theory]
    [MemberData(nameof(RecurrentLayers.Names), MemberType = typeof(RecurrentLayers))]
    public void Windows_have_the_bits_of_the_whole(string name) => Check(name, _device);

    [Theory]
    [MemberData(nameof(RecurrentLayers.Names), MemberType = typeof(RecurrentLayers))]
    public void Windows_have_the_bits_of_the_whole_on_the_reference_device(string name)
    {
        using var device = new ReferenceDevice<float>();
        Check(name, device);
    }

    [Theory]
    [MemberData(nameof(RecurrentLayers.Names), MemberType = typeof(RecurrentLayers))]
    public void Windows_have_the_bits_of_the_whole_on_a_GPU(string name)
    {
        Assert.SkipWhen(OpenClDevices.Absence is not null, $"NOT TESTED ON OPENCL: {OpenClDevices.Absence}");
        using var device = OpenClDevices.Open(0);
        Check(name, device);
    }

    [Fact]
    public void The_gradient_of_the_final_state_enters_before_the_first_window()
    {
        foreach (var name in new[] { "plain", "zoneout of h", "gru", "rnn reverse" })
        {
            var batch = new RecurrentBatch(RecurrentLayers.Create(name, Inputs, Units), new(4, 3), ragged: false, seed: 8);
            Run(false).ShouldHaveTheBitsOf(Run(true), name);

            double[] Run(bool cut)
            {
                using var operands = new Operands(_device, Placement.BetweenNotNumbers);
                using var weights = batch.Layer.CreateWeights(_device, training: true);
                weights.Load(operands.Numbers("parameters", batch.Parameters));
                using var run = batch.Layer.CreateRecurrentRun(_device);
                run.Reserve(batch.Shape, training: true);
                run.ResetState(batch.Shape);
                run.Forward(
                    weights, new Pass(batch.Shape, Training: true, MaskKey: 1, operands.Indices(batch.RowKeys)), operands.Numbers("x", batch.X));
                run.BeginBackward(operands.Numbers("dy", batch.Dy));
                var hidden = batch.Shape.Rows * batch.Layer.OutputSize;
                _device.Copy(operands.Numbers("dh", batch.DFinal[..hidden]), run.FinalGradient.Hidden);
                if (batch.Layer.CellSize > 0)
                    _device.Copy(operands.Numbers("dc", batch.DFinal[hidden..]), run.FinalGradient.Cell);
                foreach (var window in cut ? [.. Enumerable.Reverse(batch.WindowsOf(1))] : batch.WindowsOf(4))
                    run.BackwardSteps(weights, window);

                var initial = operands.Read(run.InitialGradient.Hidden);
                initial.ShouldNotBe(batch.DFinal[..hidden]);
                return [.. initial, .. operands.Read(run.InitialGradient.Cell), .. operands.Read(run.InputGradient)];
            }
        }
    }

    [Theory]
    [InlineData(false, 1, 0)]
    [InlineData(true, 0, 7)]
    public void A_window_out_of_turn_is_refused(bool reverse, int wrong, int right)
    {
        var layer = new Gru(Inputs, Units, reverse);
        var shape = new BatchShape(9, 2);
        using var operands = new Operands(_device, Placement.BetweenNotNumbers);
        using var weights = layer.CreateWeights(_device, training: true);
        weights.Load(operands.Numbers("parameters", new double[RecurrentLayers.Layout(layer).Length]));
        using var run = layer.CreateRecurrentRun(_device);
        run.Reserve(shape, training: true);
        run.ResetState(shape);
        run.Begin(new Pass(shape, Training: true, MaskKey: 0, operands.Indices(new int[4])), operands.Numbers("x", new double[shape.Positions * Inputs]));

        Should.Throw<InvalidOperationException>(() => run.ForwardSteps(weights, new(wrong, 2)));
        Should.Throw<InvalidOperationException>(() => run.ForwardSteps(weights, new(right, 0)));
        run.ForwardSteps(weights, new(right, 2));
        Should.Throw<InvalidOperationException>(() => run.ForwardSteps(weights, new(right, 2)));
        var dy = operands.Numbers("dy", new double[shape.Positions * Units]);
        Should.Throw<InvalidOperationException>(() => run.BeginBackward(dy));
    }

    public void Dispose() => _device.Dispose();

    static void Check(string name, IDevice device)
    {
        foreach (var ragged in new[] { false, true })
        {
            var batch = new RecurrentBatch(RecurrentLayers.Create(name, Inputs, Units), Shape, ragged, seed: 7);
            var whole = batch.On(device);
            foreach (var (forward, backward) in new[] { (new[] { 1 }, new[] { 1 }), ([4, 2], [3]), ([9], [1, 5]) })
            {
                batch.On(device, batch.WindowsOf(forward), [.. Enumerable.Reverse(batch.WindowsOf(backward))])
                    .ShouldHaveTheBitsOf(whole, $"{name}, ragged={ragged}, windows of {string.Join(',', forward)} and {string.Join(',', backward)}");
            }
        }
    }
}
