using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>Sequences that start from a state which is a parameter.</summary>
public sealed class LearnedInitialStateTests : IDisposable
{
    const int Inputs = 3, Units = 4;

    readonly CpuDevice _device = CpuDevice.Create();

    [Theory]
    [InlineData("plain", "layer.initial_h_l0 [4];layer.initial_c_l0 [4]")]
    [InlineData("projection reverse", "layer.initial_h_l0_reverse [3];layer.initial_c_l0_reverse [4]")]
    [InlineData("gru", "layer.initial_h_l0 [4]")]
    [InlineData("rnn reverse", "layer.initial_h_l0_reverse [4]")]
    public void The_state_stands_behind_the_other_tensors_and_starts_at_zero(string name, string tensors)
    {
        var (with, without) = (RecurrentLayers.Layout(Create(name)), RecurrentLayers.Layout(RecurrentLayers.Create(name, Inputs, Units)));
        with.Parameters.Take(without.Parameters.Count).Select(parameter => (parameter.Name, parameter.Offset))
            .ShouldBe(without.Parameters.Select(parameter => (parameter.Name, parameter.Offset)));
        var added = with.Parameters.Skip(without.Parameters.Count).ToArray();
        string.Join(';', added.Select(parameter => $"{parameter.Name} [{string.Join(',', parameter.Shape)}]")).ShouldBe(tensors);

        var values = new float[with.Length];
        Array.Fill(values, float.NaN);
        with.Initialize(1, values);
        values[added[0].Offset..].ShouldAllBe(value => value == 0);
    }

    /// <summary>A row without a state does what a row does that is given the learned one; one with a state does as ever.</summary>
    [Theory]
    [MemberData(nameof(RecurrentLayers.Names), MemberType = typeof(RecurrentLayers))]
    public void Rows_without_a_state_start_from_it_and_give_it_gradient(string name)
    {
        var fresh = Batch(name, ragged: true, 1, 3);
        var (layer, size) = (fresh.Layer, fresh.Layer.StateSize);
        var given = Batch(name, ragged: true);
        foreach (var row in fresh.FreshRows)
            fresh.Parameters[^size..].CopyTo(given.State, row * size);

        foreach (var accumulate in new[] { false, true })
        {
            var (found, wanted) = (fresh.On(_device, accumulate: accumulate), given.On(_device, accumulate: accumulate));
            (found with { Gradients = [] }).ShouldHaveTheBitsOf(wanted with { Gradients = [] }, name);
            foreach (var (index, shard) in fresh.Shards.Index())
            {
                found.Gradients[index][..^size].ShouldHaveTheBitsOf(wanted.Gradients[index][..^size], $"{name}, weights");
                wanted.Gradients[index][^size..].ShouldAllBe(value => value == (accumulate ? 1 : 0));
                found.Gradients[index][^size..].ShouldHaveTheBitsOf(Expected(shard.Rows), $"{name}, initial state, shard {index}");
            }

            double[] Expected(RowRange rows)
            {
                var sum = new float[size];
                foreach (var row in fresh.FreshRows.Where(row => row >= rows.First && row < rows.First + rows.Count))
                {
                    for (var index = 0; index < size; index++)
                        sum[index] += (float)StateGradient(found.InitialGradient, row)[index];
                }

                return [.. sum.Select(value => accumulate ? (double)(1 + value) : value)];
            }
        }

        double[] StateGradient(double[] gradient, int row)
        {
            var (hidden, cells) = (layer.OutputSize, fresh.Shape.Rows * layer.OutputSize);
            return
            [
                .. gradient[(row * hidden)..((row + 1) * hidden)],
                .. gradient[(cells + (row * layer.CellSize))..(cells + ((row + 1) * layer.CellSize))],
            ];
        }
    }

    public void Dispose() => _device.Dispose();

    static RecurrentLayer Create(string name) => RecurrentLayers.Create(name, Inputs, Units, learned: true);

    static RecurrentBatch Batch(string name, bool ragged, params int[] freshRows) => new(Create(name), new(5, 4), ragged, seed: 10) { FreshRows = freshRows };
}
