using System.Runtime.Intrinsics;

namespace Trainer.Cli.Tests;

public sealed class VectorWidthTests
{
    static readonly (string Name, string? Value)[] s_widths =
        [("DOTNET_EnableAVX512", "0"), ("DOTNET_EnableAVX2", "0"), ("DOTNET_EnableHWIntrinsic", "0")];

    // Units that fill no vector, so that the ends of rows differ between the widths.
    public static TheoryData<string, string> Jobs => new()
    {
        { "plain", Stack("lstm: { units: 37 }", "lstm: { units: 19 }") },
        {
            "every kind and option",
            Stack(
                "lstm: { units: 37, layerNorm: true, recurrentDropout: 0.2 }",
                "lstm: { units: 19, peephole: true, projection: 13, cellClip: 2, zoneoutHidden: 0.1, zoneoutCell: 0.2 }",
                "lstm: { units: 17, coupledInputForget: true, peephole: true, layerNorm: true }",
                "gru: { units: 23 }",
                "rnn: { units: 11 }")
        },
        {
            "encoder-decoder", """
            name: rows
            seed: 3
            task: seq2seq
            data: { source: rows.tsv, input: in, target: out, validation: 0.2 }
            model:
              embedding: 9
              dropout: 0.1
              residual: true
              layerNorm: true
              layers:
                - lstm: { units: 19, bidirectional: concatenate, peephole: true, initialization: { kernel: glorot, recurrent: orthogonal } }
                - gru: { units: 38, bidirectional: average, learnedState: true }
              loss: { cross-entropy: { smoothing: 0.1 } }
              decoder:
                embedding: 13
                layers: [lstm: { units: 17, layerNorm: true }, lstm: { units: 13 }]
                attention: additive
                inputFeeding: true
                scheduledSampling: 0.3
                tied: true
            training:
              batch: 12
              length: 16
              shards: 4
              steps: 20
              optimizer: { nadam: { rate: 0.01 } }

            """
        },
    };

    [Theory]
    [MemberData(nameof(Jobs))]
    public async Task The_weights_have_the_same_bits_in_every_vector_width(string name, string job)
    {
        using var workspace = new Workspace();
        workspace.Write("job.yaml", job);
        workspace.Write("rows.tsv", string.Join('\n', Rows.Prepend("in\tout")));
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

    static IEnumerable<string> Rows => Workspace.Text(1500).Split('\n', ' ').Where(word => word.Length > 0).Select(word => $"{word}\t{string.Concat(word.Reverse())}");

    static string Stack(params string[] layers)
    {
        var lines = Workspace.Job.Split('\n').ToList();
        lines.RemoveAll(line => line.TrimStart().StartsWith("- lstm", StringComparison.Ordinal));
        lines.InsertRange(lines.IndexOf("  layers:") + 1, layers.Select(layer => $"    - {layer}"));
        return string.Join('\n', lines);
    }

    static async Task<long> VectorBitsAsync(Workspace workspace, params (string Name, string? Value)[] environment) =>
        (await Command.RunAsync(workspace.Folder, ["devices", "--json"], environment)).Events[0].Whole("vector_bits");
}
