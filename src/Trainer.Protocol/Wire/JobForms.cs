using LstmCluster.Actors;

namespace LstmCluster.Protocol;

/// <summary>How another process gets its job.</summary>
static class JobForms
{
    public static Wire.AskForJob Write(AskForJob message, MessageWriter writer)
    {
        var form = new Wire.AskForJob
        {
            Host = Forms.WriteActor(message.Host, writer),
            Role = message.Role == HostRole.Worker ? Wire.AskForJob.Types.Role.Worker : Wire.AskForJob.Types.Role.ParameterServer,
        };
        if (message.Endpoint is { } endpoint) form.Endpoint = endpoint;
        return form;
    }

    public static AskForJob Read(Wire.AskForJob form, MessageReader reader)
    {
        var role = form.Role switch
        {
            Wire.AskForJob.Types.Role.Worker => HostRole.Worker,
            Wire.AskForJob.Types.Role.ParameterServer => HostRole.ParameterServer,
            var unknown => throw new MessageFormatException($"a process of unknown role {(int)unknown}"),
        };
        return new AskForJob(Forms.ReadActor(form.Host, reader), role) { Endpoint = form.HasEndpoint ? form.Endpoint : null };
    }

    public static Wire.JobOffered Write(JobOffered message, MessageWriter writer)
    {
        var form = new Wire.JobOffered { Job = writer.Attach(message.Job) };
        foreach (var server in message.ParameterServers)
        {
            var address = new Wire.ParameterServerAddress { Server = Forms.WriteActor(server.Server, writer), Slice = Forms.Write(server.Slice) };
            if (server.Endpoint is { } endpoint) address.Endpoint = endpoint;
            form.ParameterServers.Add(address);
        }

        return form;
    }

    public static JobOffered Read(Wire.JobOffered form, MessageReader reader)
    {
        ParameterServerAddress[] servers =
        [
            .. form.ParameterServers.Select(server => new ParameterServerAddress(
                Forms.ReadActor(server.Server, reader), Forms.Read(server.Slice), server.HasEndpoint ? server.Endpoint : null)),
        ];
        Forms.Require(servers.Length > 0, "nobody keeps the parameters");
        return new JobOffered(servers, reader.Take<byte>(form.Job));
    }

    public static Wire.ServeParameters Write(ServeParameters message, MessageWriter writer)
    {
        var form = new Wire.ServeParameters
        {
            Slice = Forms.Write(message.Slice),
            Step = message.Step.Value,
            Job = writer.Attach(message.Job),
            Weights = writer.Attach(message.Weights),
        };
        foreach (var vector in message.OptimizerState) form.OptimizerState.Add(writer.Attach(vector));
        return form;
    }

    public static ServeParameters Read(Wire.ServeParameters form, MessageReader reader)
    {
        var slice = Forms.Read(form.Slice);
        Payload<float>[] vectors = [.. form.OptimizerState.Select(vector => Forms.Take(slice, vector, reader))];
        return new ServeParameters(
            slice, Forms.ReadStep(form.Step), reader.Take<byte>(form.Job), Forms.Take(slice, form.Weights, reader), vectors);
    }

    public static Wire.ParametersServed Write(ParametersServed message, MessageWriter writer) => new()
    {
        Host = Forms.WriteActor(message.Host, writer),
        Server = Forms.WriteActor(message.Server, writer),
        Slice = Forms.Write(message.Slice),
    };

    public static ParametersServed Read(Wire.ParametersServed form, MessageReader reader) =>
        new(Forms.ReadActor(form.Host, reader), Forms.ReadActor(form.Server, reader), Forms.Read(form.Slice));
}
