using LstmCluster.Actors;

namespace LstmCluster.Protocol;

/// <summary>The way of the weights: from the parameter server to whoever asked for them.</summary>
static class WeightForms
{
    public static Wire.Subscribe Write(Subscribe message, MessageWriter writer) => new() { Worker = Forms.WriteActor(message.Worker, writer) };

    public static Wire.Unsubscribe Write(Unsubscribe message, MessageWriter writer) => new() { Worker = Forms.WriteActor(message.Worker, writer) };

    public static Wire.WeightsPublished Write(WeightsPublished message, MessageWriter writer) => new()
    {
        Version = message.Version.Value,
        Averaged = message.Version.Averaged,
        Weights = writer.Attach(message.Weights),
    };

    public static WeightsPublished Read(Wire.WeightsPublished form, MessageReader reader)
    {
        Forms.Require(form.Version >= 0, $"weights of version {form.Version}");
        return new WeightsPublished(new WeightVersion(form.Version, form.Averaged), reader.Take<float>(form.Weights));
    }

    public static Wire.SnapshotTaken Write(SnapshotTaken message, MessageWriter writer)
    {
        var form = new Wire.SnapshotTaken { Step = message.Step.Value, Weights = writer.Attach(message.Weights) };
        foreach (var vector in message.OptimizerState) form.OptimizerState.Add(writer.Attach(vector));
        return form;
    }

    public static SnapshotTaken Read(Wire.SnapshotTaken form, MessageReader reader)
    {
        Payload<float>[] vectors = [.. form.OptimizerState.Select(reader.Take<float>)];
        return new SnapshotTaken(Forms.ReadStep(form.Step), reader.Take<float>(form.Weights), vectors);
    }
}
