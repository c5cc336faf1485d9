using System.Runtime.Intrinsics;
using Trainer.Cli.Tests.Support;

namespace Trainer.Cli.Tests;

public sealed class VectorWidthTests
{
    static readonly (string Name, string? Value)[] s_widths =
        [("DOTNET_EnableAVX512", "0"), ("DOTNET_EnableAVX2", "0"), ("DOTNET_EnableHWIntrinsic", "0")];

    // Units that fill no vector, so that the ends of rows differ between the widths.
    public static TheoryData<string, string[]> Layers => new()
    {
        { "plain", ["lstm: { units: 37 }", "lstm: { units: 19 }"] },
        {
            "every kind and option",
            [
                "lstm: { units: 37, layerNorm: true, recurrentDropout: 0.2 }",
                "lstm: { units: 19, peephole: true, projection: 13, cellClip: 2, zoneoutHidden: 0.1, zoneoutCell: 0.2 }",
                "lstm: { units: 17, coupledInputForget: true, peephole: true, layerNorm: true }",
                "gru: { units: 23 }",
                "rnn: { units: 11 }",
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Layers))]
    public async Task The_weights_have_the_same_bits_in_every_vector_width(string name, string[] layers)
    {
        using var workspace = new Workspace();
        workspace.Write("job.yaml", Job(layers));
        var widest = await VectorBitsAsync(workspace);
        var expected = await TrainAsync(workspace, "default");

        foreach (var knob in s_widths)
        {
            // A switch that does nothing would compare a width with itself.
            var bits = await VectorBitsAsync(workspace, knob);
            bits.ShouldBe(knob.Name == "DOTNET_EnableAVX512" ? Math.Min(widest, 256) : 128, knob.Name);
            (await TrainAsync(workspace, knob.Name, knob)).ShouldBe(expected, $"{name} with {knob.Name}=0: {bits}-bit vectors");
        }

        widest.ShouldBe(Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128);
    }

    static async Task<string> TrainAsync(Workspace workspace, string run, params (string Name, string? Value)[] environment)
    {
        string[] arguments = ["train", "job.yaml", "--json", "--workers", "2", "--run", run, "--set", "training.steps=20"];
        return (await Command.RunAsync(workspace.Folder, arguments, environment)).Hash;
    }

    static string Job(string[] layers)
    {
        var lines = Workspace.Job.Split('\n').ToList();
        lines.RemoveAll(line => line.TrimStart().StartsWith("- lstm", StringComparison.Ordinal));
        lines.InsertRange(lines.IndexOf("  layers:") + 1, layers.Select(layer => $"    - {layer}"));
        return string.Join('\n', lines);
    }

    static async Task<long> VectorBitsAsync(Workspace workspace, params (string Name, string? Value)[] environment) =>
        (await Command.RunAsync(workspace.Folder, ["devices", "--json"], environment)).Events[0].Whole("vector_bits");
}
