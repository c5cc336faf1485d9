using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Protocol;

/// <summary>The way of a gradient: from a worker to the parameter server, and what it and the coordinator say about it.</summary>
static class GradientForms
{
    public static Wire.PushGradient Write(PushGradient message, MessageWriter writer)
    {
        var form = new Wire.PushGradient
        {
            Worker = Forms.WriteActor(message.Worker, writer),
            Step = message.Step.Value,
            Attempt = message.Attempt,
            Node = Forms.Write(message.Node),
            Slice = Forms.Write(message.Slice),
        };
        if (message.Gradient.Halves is { } halves) form.Halves = writer.Attach(halves);
        else if (message.Gradient.Singles is { } singles) form.Singles = writer.Attach(singles);
        return form;
    }

    public static PushGradient Read(Wire.PushGradient form, MessageReader reader)
    {
        var slice = Forms.Read(form.Slice);
        return new PushGradient(
            Forms.ReadActor(form.Worker, reader), Forms.ReadStep(form.Step), Forms.ReadAttempt(form.Attempt), Forms.Read(form.Node),
            slice, ReadPart(form, slice, reader));
    }

    static GradientPart ReadPart(Wire.PushGradient form, ParameterRange slice, MessageReader reader) => form.GradientCase switch
    {
        Wire.PushGradient.GradientOneofCase.Singles => new GradientPart(Forms.Take<float>(slice, form.Singles, reader)),
        Wire.PushGradient.GradientOneofCase.Halves => new GradientPart(Forms.Take<ushort>(slice, form.Halves, reader)),
        _ => throw new MessageFormatException("a gradient is missing"),
    };

    public static Wire.GradientSummed Write(GradientSummed message, MessageWriter writer) => new()
    {
        Step = message.Step.Value,
        Slice = Forms.Write(message.Slice),
        BlockSquares = writer.Attach(message.BlockSquares),
    };

    public static GradientSummed Read(Wire.GradientSummed form, MessageReader reader)
    {
        var slice = Forms.Read(form.Slice);
        return new GradientSummed(Forms.ReadStep(form.Step), slice, Forms.TakeBlocks(slice, form.BlockSquares, reader));
    }

    public static Wire.GradientMissing Write(GradientMissing message) =>
        new() { Step = message.Step.Value, Slice = Forms.Write(message.Slice), Shards = { message.Shards } };

    public static GradientMissing Read(Wire.GradientMissing form)
    {
        Forms.RequireAscending(form.Shards);
        return new GradientMissing(Forms.ReadStep(form.Step), Forms.Read(form.Slice), [.. form.Shards]);
    }

    public static Wire.GradientRejected Write(GradientRejected message, MessageWriter writer) => new()
    {
        Step = message.Step.Value,
        Attempt = message.Attempt,
        Node = Forms.Write(message.Node),
        Worker = Forms.WriteActor(message.Worker, writer),
        Reason = message.Reason,
    };

    public static GradientRejected Read(Wire.GradientRejected form, MessageReader reader) => new(
        Forms.ReadStep(form.Step), Forms.ReadAttempt(form.Attempt), Forms.Read(form.Node), Forms.ReadActor(form.Worker, reader), form.Reason);

    public static Wire.ApplyStep Write(ApplyStep message)
    {
        var form = new Wire.ApplyStep { Step = message.Step.Value, GradientScale = message.GradientScale, Rate = message.Rate };
        if (message.ValueLimit is { } limit) form.ValueLimit = limit;
        return form;
    }

    public static ApplyStep Read(Wire.ApplyStep form)
    {
        Forms.Require(form.HasGradientScale && form.HasRate, "a scale or a rate is missing");
        return new ApplyStep(Forms.ReadStep(form.Step), form.GradientScale, form.HasValueLimit ? form.ValueLimit : null, form.Rate);
    }

    public static Wire.StepApplied Write(StepApplied message, MessageWriter writer) => new()
    {
        Step = message.Step.Value,
        Slice = Forms.Write(message.Slice),
        BlockSquares = writer.Attach(message.BlockSquares),
    };

    public static StepApplied Read(Wire.StepApplied form, MessageReader reader)
    {
        var slice = Forms.Read(form.Slice);
        return new StepApplied(Forms.ReadStep(form.Step), slice, Forms.TakeBlocks(slice, form.BlockSquares, reader));
    }
}
