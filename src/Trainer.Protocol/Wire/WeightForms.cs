using LstmCluster.Actors;

namespace LstmCluster.Protocol;

/// <summary>The way of the weights: from the parameter server to whoever asked for them.</summary>
static class WeightForms
{
    public static Wire.Subscribe Write(Subscribe message, MessageWriter writer) => new() { Worker = Forms.WriteActor(message.Worker, writer) };

    public static Wire.Unsubscribe Write(Unsubscribe message, MessageWriter writer) => new() { Worker = Forms.WriteActor(message.Worker, writer) };

    public static Wire.ReceiverOverrun Write(ReceiverOverrun message, MessageWriter writer) =>
        new() { Receiver = Forms.WriteActor(message.Receiver, writer), Reason = message.Reason };

    public static Wire.WeightsPublished Write(WeightsPublished message, MessageWriter writer) => new()
    {
        Version = message.Version.Value,
        Averaged = message.Version.Averaged,
        Slice = Forms.Write(message.Slice),
        Weights = writer.Attach(message.Weights),
    };

    public static WeightsPublished Read(Wire.WeightsPublished form, MessageReader reader)
    {
        var slice = Forms.Read(form.Slice);
        return new WeightsPublished(ReadVersion(form.Version, form.Averaged), slice, Forms.Take(slice, form.Weights, reader));
    }

    public static Wire.AskForWeights Write(AskForWeights message, MessageWriter writer) => new()
    {
        Receiver = Forms.WriteActor(message.Receiver, writer),
        Version = message.Version.Value,
        Averaged = message.Version.Averaged,
    };

    public static AskForWeights Read(Wire.AskForWeights form, MessageReader reader) =>
        new(Forms.ReadActor(form.Receiver, reader), ReadVersion(form.Version, form.Averaged));

    public static WeightVersion ReadVersion(long value, bool averaged = false)
    {
        Forms.Require(value >= 0, $"weights of version {value}");
        return new WeightVersion(value, averaged);
    }

    public static Wire.SnapshotTaken Write(SnapshotTaken message, MessageWriter writer)
    {
        var form = new Wire.SnapshotTaken { Step = message.Step.Value, Slice = Forms.Write(message.Slice), Weights = writer.Attach(message.Weights) };
        foreach (var vector in message.OptimizerState) form.OptimizerState.Add(writer.Attach(vector));
        return form;
    }

    public static SnapshotTaken Read(Wire.SnapshotTaken form, MessageReader reader)
    {
        var slice = Forms.Read(form.Slice);
        Payload<float>[] vectors = [.. form.OptimizerState.Select(vector => Forms.Take(slice, vector, reader))];
        return new SnapshotTaken(Forms.ReadStep(form.Step), slice, Forms.Take(slice, form.Weights, reader), vectors);
    }
}
