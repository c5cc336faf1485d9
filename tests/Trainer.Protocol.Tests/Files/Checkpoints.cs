using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

/// <summary>Small checkpoints for the tests; all of their content follows from the step.</summary>
static class Checkpoints
{
    public static Checkpoint Of(long step) => new()
    {
        Manifest = new CheckpointManifest { Step = step, WeightVersion = step + 1, Epoch = 2, Position = 64, Seed = ulong.MaxValue, Term = 3 },
        Weights = [TensorData.Of("embedding.weight", new float[] { step, 1, 2, 3, 4, 5 }, 2, 3), TensorData.Of("head.bias", new float[] { step * 2 }, 1)],
        Optimizer = [TensorData.Of("m", new float[] { step, -1 }, 2)],
        State = [TensorData.OfBytes("shard", TensorType.U8, new byte[] { (byte)step, 7, 8 }, 3)],
        Metadata = new Dictionary<string, string> { ["vocabulary"] = "ab\u00e9\n\"" },
    };

    public static void ShouldBeOf(this Checkpoint? checkpoint, long step)
    {
        checkpoint.ShouldNotBeNull();
        var expected = Of(step);
        (checkpoint.Manifest with { WeightsSha256 = "" }).ShouldBe(expected.Manifest);
        checkpoint.Metadata.ShouldBe(expected.Metadata);
        Shown(checkpoint.Weights).ShouldBe(Shown(expected.Weights));
        Shown(checkpoint.Optimizer).ShouldBe(Shown(expected.Optimizer));
        Shown(checkpoint.State).ShouldBe(Shown(expected.State));
    }

    public static IEnumerable<string> Shown(IEnumerable<TensorData> tensors) =>
        tensors.Select(t => $"{t.Name} {t.Type} [{string.Join(',', t.Shape)}] {Convert.ToHexString(t.Bytes(0, t.Count))}");
}
