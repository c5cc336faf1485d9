using Google.Protobuf;
using LstmCluster.Actors;

namespace LstmCluster.Protocol;

/// <summary>The messages of a run as Protobuf (<c>messages.proto</c>): data only, no type of this program is named on the wire.</summary>
/// <remarks>
/// A message has one line in <see cref="Write"/>, one in <see cref="Read"/> and a form beside it. What may be sent within a process only, such as the
/// messages of the checkpointer, has none.
/// </remarks>
public sealed class TrainerCodec : IMessageCodec
{
    static readonly MessageParser<Wire.Envelope> Parser = Wire.Envelope.Parser.WithDiscardUnknownFields(true);

    /// <inheritdoc/>
    public int Version => 5;

    /// <inheritdoc/>
    public void Write(Message message, MessageWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var envelope = message switch
        {
            WorkerJoined m => new Wire.Envelope { WorkerJoined = WorkerForms.Write(m, writer) },
            Welcome m => new Wire.Envelope { Welcome = WorkerForms.Write(m, writer) },
            AssignShards m => new Wire.Envelope { AssignShards = WorkerForms.Write(m, writer) },
            ShardsDone m => new Wire.Envelope { ShardsDone = WorkerForms.Write(m, writer) },
            PushGradient m => new Wire.Envelope { PushGradient = GradientForms.Write(m, writer) },
            GradientSummed m => new Wire.Envelope { GradientSummed = GradientForms.Write(m, writer) },
            ReportSum m => new Wire.Envelope { ReportSum = new Wire.ReportSum { Step = m.Step.Value } },
            GradientMissing m => new Wire.Envelope { GradientMissing = GradientForms.Write(m) },
            GradientRejected m => new Wire.Envelope { GradientRejected = GradientForms.Write(m, writer) },
            ApplyStep m => new Wire.Envelope { ApplyStep = GradientForms.Write(m) },
            StepApplied m => new Wire.Envelope { StepApplied = GradientForms.Write(m, writer) },
            Subscribe m => new Wire.Envelope { Subscribe = WeightForms.Write(m, writer) },
            Unsubscribe m => new Wire.Envelope { Unsubscribe = WeightForms.Write(m, writer) },
            ReceiverOverrun m => new Wire.Envelope { ReceiverOverrun = WeightForms.Write(m, writer) },
            AskForWeights m => new Wire.Envelope { AskForWeights = WeightForms.Write(m, writer) },
            WeightsPublished m => new Wire.Envelope { WeightsPublished = WeightForms.Write(m, writer) },
            PublishAverage m => new Wire.Envelope { PublishAverage = new Wire.PublishAverage { Step = m.Step.Value } },
            TakeSnapshot m => new Wire.Envelope { TakeSnapshot = new Wire.TakeSnapshot { Step = m.Step.Value } },
            SnapshotTaken m => new Wire.Envelope { SnapshotTaken = WeightForms.Write(m, writer) },
            AskForJob m => new Wire.Envelope { AskForJob = JobForms.Write(m, writer) },
            JobOffered m => new Wire.Envelope { JobOffered = JobForms.Write(m, writer) },
            ServeParameters m => new Wire.Envelope { ServeParameters = JobForms.Write(m, writer) },
            ParametersServed m => new Wire.Envelope { ParametersServed = JobForms.Write(m, writer) },
            RunEnded m => new Wire.Envelope { RunEnded = new Wire.RunEnded { How = m.How, Failed = m.Failed } },
            _ => throw new NotSupportedException($"{message.GetType().Name} does not cross processes"),
        };
        if (message is ClusterMessage { Term: var term }) envelope.Term = term.Value;
        envelope.WriteTo(writer);
    }

    /// <inheritdoc/>
    public Message Read(MessageReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var envelope = Parse(reader.Body);
        Forms.Require(envelope.Term >= 0, $"term {envelope.Term}");
        return ReadKind(envelope, reader) with { Term = new Term(envelope.Term) };
    }

    static ClusterMessage ReadKind(Wire.Envelope envelope, MessageReader reader) => envelope.KindCase switch
    {
        Wire.Envelope.KindOneofCase.WorkerJoined => WorkerForms.Read(envelope.WorkerJoined, reader),
        Wire.Envelope.KindOneofCase.Welcome => WorkerForms.Read(envelope.Welcome, reader),
        Wire.Envelope.KindOneofCase.AssignShards => WorkerForms.Read(envelope.AssignShards, reader),
        Wire.Envelope.KindOneofCase.ShardsDone => WorkerForms.Read(envelope.ShardsDone, reader),
        Wire.Envelope.KindOneofCase.PushGradient => GradientForms.Read(envelope.PushGradient, reader),
        Wire.Envelope.KindOneofCase.GradientSummed => GradientForms.Read(envelope.GradientSummed, reader),
        Wire.Envelope.KindOneofCase.ReportSum => new ReportSum(Forms.ReadStep(envelope.ReportSum.Step)),
        Wire.Envelope.KindOneofCase.GradientMissing => GradientForms.Read(envelope.GradientMissing),
        Wire.Envelope.KindOneofCase.GradientRejected => GradientForms.Read(envelope.GradientRejected, reader),
        Wire.Envelope.KindOneofCase.ApplyStep => GradientForms.Read(envelope.ApplyStep),
        Wire.Envelope.KindOneofCase.StepApplied => GradientForms.Read(envelope.StepApplied, reader),
        Wire.Envelope.KindOneofCase.Subscribe => new Subscribe(Forms.ReadActor(envelope.Subscribe.Worker, reader)),
        Wire.Envelope.KindOneofCase.Unsubscribe => new Unsubscribe(Forms.ReadActor(envelope.Unsubscribe.Worker, reader)),
        Wire.Envelope.KindOneofCase.ReceiverOverrun =>
            new ReceiverOverrun(Forms.ReadActor(envelope.ReceiverOverrun.Receiver, reader), envelope.ReceiverOverrun.Reason),
        Wire.Envelope.KindOneofCase.AskForWeights => WeightForms.Read(envelope.AskForWeights, reader),
        Wire.Envelope.KindOneofCase.WeightsPublished => WeightForms.Read(envelope.WeightsPublished, reader),
        Wire.Envelope.KindOneofCase.PublishAverage => new PublishAverage(Forms.ReadStep(envelope.PublishAverage.Step)),
        Wire.Envelope.KindOneofCase.TakeSnapshot => new TakeSnapshot(Forms.ReadStep(envelope.TakeSnapshot.Step)),
        Wire.Envelope.KindOneofCase.SnapshotTaken => WeightForms.Read(envelope.SnapshotTaken, reader),
        Wire.Envelope.KindOneofCase.AskForJob => JobForms.Read(envelope.AskForJob, reader),
        Wire.Envelope.KindOneofCase.JobOffered => JobForms.Read(envelope.JobOffered, reader),
        Wire.Envelope.KindOneofCase.ServeParameters => JobForms.Read(envelope.ServeParameters, reader),
        Wire.Envelope.KindOneofCase.ParametersServed => JobForms.Read(envelope.ParametersServed, reader),
        Wire.Envelope.KindOneofCase.RunEnded => new RunEnded(envelope.RunEnded.How, envelope.RunEnded.Failed),
        _ => throw new MessageFormatException("a message of a kind that this version does not know"),
    };

    static Wire.Envelope Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return Parser.ParseFrom(body);
        }
        catch (Exception malformed) when (malformed is InvalidProtocolBufferException or IndexOutOfRangeException or ArgumentException)
        {
            // The parser notices some lengths that reach beyond the bytes only where it reaches beyond them.
            throw new MessageFormatException($"a message that is no Protobuf: {malformed.Message}", malformed);
        }
    }
}
