using LstmCluster.Actors;

namespace LstmCluster.Protocol;

/// <summary>What coordinator and worker say to each other.</summary>
static class WorkerForms
{
    public static Wire.WorkerJoined Write(WorkerJoined message, MessageWriter writer)
    {
        var form = new Wire.WorkerJoined { Worker = Forms.WriteActor(message.Worker, writer), Device = message.Device, Life = (ulong)message.Life, DeviceType = message.DeviceType };
        if (message.WeightsTo is { } weightsTo) form.WeightsTo = Forms.WriteActor(weightsTo, writer);
        return form;
    }

    public static WorkerJoined Read(Wire.WorkerJoined form, MessageReader reader) => new(
        Forms.ReadActor(form.Worker, reader), form.Device, form.WeightsTo is null ? null : Forms.ReadActor(form.WeightsTo, reader))
    {
        Life = (long)form.Life,
        DeviceType = form.DeviceType,
    };

    public static Wire.Welcome Write(Welcome message, MessageWriter writer) => new() { Worker = Forms.WriteActor(message.Worker, writer), Life = (ulong)message.Life };

    public static Welcome Read(Wire.Welcome form, MessageReader reader) => new(Forms.ReadActor(form.Worker, reader), (long)form.Life);

    public static Wire.AssignShards Write(AssignShards message, MessageWriter writer)
    {
        var form = new Wire.AssignShards { Round = Forms.Write(message.Round), Attempt = message.Attempt, HostShards = { message.HostShards } };
        foreach (var shard in message.Shards) form.Shards.Add(ShardBatchForm.Write(shard, writer));
        return form;
    }

    public static AssignShards Read(Wire.AssignShards form, MessageReader reader)
    {
        // Every shard has inputs, so their number bounds what is made here.
        Forms.Require(form.Shards.Count <= reader.PayloadCount, $"{form.Shards.Count} shards with {reader.PayloadCount} payloads");
        var shards = new ShardBatch[form.Shards.Count];
        for (var i = 0; i < shards.Length; i++)
        {
            shards[i] = ShardBatchForm.Read(form.Shards[i], reader);
            Forms.Require(i == 0 || shards[i].Shard > shards[i - 1].Shard, $"shard {shards[i].Shard} out of order");
        }

        Forms.RequireAscending(form.HostShards);
        return new AssignShards(Forms.Read(form.Round), Forms.ReadAttempt(form.Attempt), shards) { HostShards = [.. form.HostShards] };
    }

    public static Wire.ShardsDone Write(ShardsDone message, MessageWriter writer)
    {
        var form = new Wire.ShardsDone
        {
            Worker = Forms.WriteActor(message.Worker, writer),
            Round = Forms.Write(message.Round),
            Attempt = message.Attempt,
            ComputeTicks = message.ComputeTime.Ticks,
        };
        foreach (var result in message.Results) form.Results.Add(Write(result, writer));
        return form;
    }

    public static ShardsDone Read(Wire.ShardsDone form, MessageReader reader)
    {
        Forms.Require(form.ComputeTicks >= 0, $"a computation of {form.ComputeTicks} ticks");
        ShardResult[] results = [.. form.Results.Select(result => Read(result, reader))];
        return new ShardsDone(
            Forms.ReadActor(form.Worker, reader), Forms.Read(form.Round), Forms.ReadAttempt(form.Attempt), results, TimeSpan.FromTicks(form.ComputeTicks));
    }

    static Wire.ShardResult Write(ShardResult result, MessageWriter writer)
    {
        var form = new Wire.ShardResult { Shard = result.Shard, Loss = result.Loss, Tokens = result.Tokens, Sums = { result.Sums } };
        if (result.State is { } state) form.State = writer.Attach(state);
        return form;
    }

    static ShardResult Read(Wire.ShardResult form, MessageReader reader)
    {
        Forms.Require(form.Shard >= 0 && form.Tokens >= 0, $"{form.Tokens} tokens of shard {form.Shard}");
        Forms.Require(form.HasLoss, $"the result of shard {form.Shard} has no loss");
        return new ShardResult(form.Shard, form.Loss, form.Tokens, form.HasState ? reader.Take<float>(form.State) : null) { Sums = [.. form.Sums] };
    }
}
