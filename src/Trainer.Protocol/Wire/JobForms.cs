using LstmCluster.Actors;

namespace LstmCluster.Protocol;

/// <summary>How another process gets its job, and hears of the end.</summary>
static class JobForms
{
    public static Wire.AskForJob Write(AskForJob message, MessageWriter writer) => new() { Host = Forms.WriteActor(message.Host, writer) };

    public static AskForJob Read(Wire.AskForJob form, MessageReader reader) => new(Forms.ReadActor(form.Host, reader));

    public static Wire.JobOffered Write(JobOffered message, MessageWriter writer) => new()
    {
        ParameterServer = Forms.WriteActor(message.ParameterServer, writer),
        Job = writer.Attach(message.Job),
    };

    public static JobOffered Read(Wire.JobOffered form, MessageReader reader) =>
        new(Forms.ReadActor(form.ParameterServer, reader), reader.Take<byte>(form.Job));
}
