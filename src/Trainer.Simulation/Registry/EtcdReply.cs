using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>An answer of etcd's JSON gateway.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Body">Its JSON.</param>
sealed record EtcdReply(HttpStatusCode Status, byte[] Body)
{
    /// <summary>An answer.</summary>
    public static EtcdReply Of<T>(T answer) where T : EtcdAnswer => new(HttpStatusCode.OK, JsonSerializer.SerializeToUtf8Bytes(answer, EtcdJson.Options));

    /// <summary>An answer of a call that streams, in the envelope that the gateway puts it in.</summary>
    public static EtcdReply Streamed<T>(T answer) where T : EtcdAnswer =>
        new(HttpStatusCode.OK, JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["result"] = JsonSerializer.SerializeToNode(answer, EtcdJson.Options) }));

    /// <summary>A refusal.</summary>
    /// <param name="code">gRPC's status.</param>
    /// <param name="message">Why.</param>
    public static EtcdReply Refused(int code, string message) =>
        new(HttpStatusCode.ServiceUnavailable, JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["error"] = message, ["message"] = message, ["code"] = code }));

    /// <summary>Reads a request.</summary>
    public static T Read<T>(byte[] body) => JsonSerializer.Deserialize<T>(body, EtcdJson.Options) ?? throw new JsonException("a request of nothing");
}
