using LstmCluster.Actors;

namespace LstmCluster.Protocol;

/// <summary>The way of a gradient: from a worker to the parameter server, and what it and the coordinator say about it.</summary>
static class GradientForms
{
    public static Wire.PushGradient Write(PushGradient message, MessageWriter writer) => new()
    {
        Worker = Forms.WriteActor(message.Worker, writer),
        Step = message.Step.Value,
        Attempt = message.Attempt,
        Node = Forms.Write(message.Node),
        Gradient = writer.Attach(message.Gradient),
    };

    public static PushGradient Read(Wire.PushGradient form, MessageReader reader) => new(
        Forms.ReadActor(form.Worker, reader), Forms.ReadStep(form.Step), Forms.ReadAttempt(form.Attempt), Forms.Read(form.Node),
        reader.Take<float>(form.Gradient));

    public static Wire.GradientSummed Write(GradientSummed message) => new() { Step = message.Step.Value, SumSquares = message.SumSquares };

    public static GradientSummed Read(Wire.GradientSummed form)
    {
        Forms.Require(form.HasSumSquares, "a sum of squares is missing");
        return new GradientSummed(Forms.ReadStep(form.Step), form.SumSquares);
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

    public static Wire.StepApplied Write(StepApplied message) => new() { Step = message.Step.Value, AppliedNorm = message.AppliedNorm };

    public static StepApplied Read(Wire.StepApplied form)
    {
        Forms.Require(form.HasAppliedNorm, "a norm is missing");
        return new StepApplied(Forms.ReadStep(form.Step), form.AppliedNorm);
    }
}
