using Google.Protobuf;
using LstmCluster.Actors;

namespace LstmCluster.Protocol;

/// <summary>A job as it is sent to another process.</summary>
/// <param name="Job">The job as resolved.</param>
/// <param name="Encoding">What gives the model's numbers their meaning, by name, as it is kept beside the weights.</param>
public sealed record JobPackage(Job Job, IReadOnlyDictionary<string, string> Encoding)
{
    /// <summary>The package as bytes.</summary>
    public byte[] ToBytes()
    {
        var form = new Wire.JobPackage { Yaml = JobWriter.Write(Job) };
        foreach (var (name, text) in Encoding) form.Encoding.Add(name, text);
        return form.ToByteArray();
    }

    /// <summary>Makes a package of what <see cref="ToBytes"/> gave.</summary>
    /// <exception cref="MessageFormatException">The bytes are no package.</exception>
    /// <exception cref="UserErrorException">The job is none that this version understands.</exception>
    public static JobPackage Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var form = Wire.JobPackage.Parser.ParseFrom(bytes);
            return new JobPackage(JobReader.Parse(form.Yaml, "the coordinator's job"), new Dictionary<string, string>(form.Encoding));
        }
        catch (Exception malformed) when (malformed is InvalidProtocolBufferException or IndexOutOfRangeException or ArgumentException)
        {
            throw new MessageFormatException($"a job that is no Protobuf: {malformed.Message}", malformed);
        }
    }
}
