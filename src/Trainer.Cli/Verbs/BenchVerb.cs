using System.CommandLine;
using LstmCluster.Cli.Bench;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>bench</c>: measures.</summary>
static class BenchVerb
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        return new Verb("bench", "Measure") { Lstm(), Step(), WireVerb.Create() };
    }

    /// <summary>One layer beside the machine's own peak.</summary>
    static Verb Lstm()
    {
        var extents = new Argument<string[]>("T,N,D,H")
        {
            Description = "time steps, rows, inputs, units; one row is streaming inference, forward only",
            Arity = ArgumentArity.ZeroOrMore,
            DefaultValueFactory = _ => LstmExtent.Defaults,
        };
        var variant = new Option<string>("--variant")
        {
            Description = $"What the layer is: {string.Join(", ", LayerVariant.All.Select(v => v.Name))}",
            HelpName = "V",
            DefaultValueFactory = _ => LayerVariant.All[0].Name,
        };
        var slots = Arguments.Number("--slots", "Threads that each compute the whole layer at the same time", 1, 1024, 1);
        var recompute = Arguments.Number(
            "--recompute", "Keep the activations of so many time steps, a multiple of 64, and compute the others again in the backward pass; 0: keep all", 0, 1 << 20, 0);
        var seconds = Arguments.Number("--seconds", "How long to measure each extent at least", 0.01, 3600.0, 2.0);
        var gpu = new GpuLstmOptions();
        var json = Arguments.Json();
        var lstm = new Verb(
            "lstm", "Measure one recurrent layer beside the machine's own peak: milliseconds, GFLOP/s, allocated bytes. Operations are those of the matrix products: "
            + "6*T*N*(D+P)*G*H, with G gate blocks (LSTM 4, coupled 3, gru 3, rnn 1) and P outputs (H; projection: H/2, and 6*T*N*P*H more), twice that for bidirectional; "
            + "2 in place of 6 when forward alone is measured",
            "bench lstm", "bench lstm 64,32,512,512 32,16,256,256 --variant layer-norm --slots 2", "bench lstm 25,64,1024,1024 --device cuda:0 --check")
        {
            extents, variant, slots, recompute, seconds, json,
        };
        gpu.AddTo(lstm);
        lstm.SetAction(parsed =>
        {
            // All is read before the first is measured.
            LstmExtent[] measured = [.. parsed.GetRequiredValue(extents).Select(LstmExtent.Parse)];
            var layer = LayerVariant.Named(parsed.GetRequiredValue(variant));
            var kept = parsed.GetValue(recompute);
            if (kept % TimeSegments.Steps != 0)
                throw new UserErrorException($"--recompute must be 0 or a multiple of {TimeSegments.Steps}, got \"{kept}\"");
            if (gpu.Read(parsed, parsed.GetValue(slots)) is { } measuring)
            {
                measuring.Run(measured, layer, kept, TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(json));
                return ExitCode.Done;
            }

            if (!parsed.GetValue(json)) Console.Out.WriteLine(LstmFigures.Heads);
            foreach (var extent in measured)
            {
                var figures = new LstmBenchmark(extent, layer, parsed.GetValue(slots), kept, TimeSpan.FromSeconds(parsed.GetValue(seconds))).Run();
                if (parsed.GetValue(json)) Json.Write(figures);
                else Console.Out.WriteLine(figures.Row());
            }

            return ExitCode.Done;
        });
        return lstm;
    }

    /// <summary>Steps of a job.</summary>
    static Verb Step()
    {
        var job = Arguments.Job();
        var workers = TrainOptions.Workers();
        var device = TrainOptions.Device();
        var steps = Arguments.Number("--steps", "Steps to measure, after a warm-up", 1, 1_000_000, 40);
        var set = Arguments.Set();
        var json = Arguments.Json();
        var step = new Verb(
            "step", "Measure training steps of a job: tokens per second, allocation, memory", "bench step examples/moby-dick.yaml --workers 2")
        {
            job, workers, device, steps, set, json,
        };
        step.SetAction(parsed => StepBenchmark.RunAsync(
            Arguments.ReadJob(parsed, job, set), DeviceSelection.Choose(parsed.GetRequiredValue(device), parsed.GetValue(workers)),
            parsed.GetValue(steps), parsed.GetValue(json)));
        return step;
    }
}
