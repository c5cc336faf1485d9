using System.Text.Json;
using System.Text.Json.Serialization;

namespace LstmCluster.Protocol;

// What the JSON gateway of etcd 3.4 and later takes and gives (api/etcdserverpb/rpc.proto): 64-bit numbers are text, bytes are base64, and a value of
// zero is left out of an answer.

static class EtcdJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
    };
}

/// <summary>What every answer of etcd has, so that one without is of somebody else.</summary>
abstract record EtcdAnswer
{
    public required EtcdHeader Header { get; init; }
}

sealed record EtcdHeader
{
    public long Revision { get; init; }
}

sealed record EtcdKeyValue
{
    public required byte[] Key { get; init; }

    public byte[] Value { get; init; } = [];

    /// <summary>Revision of the store that made the key; no other creation ever has the same.</summary>
    public long CreateRevision { get; init; }

    /// <summary>Revision of the store that last changed it.</summary>
    public long ModRevision { get; init; }

    /// <summary>The lease that it ends with; 0 for none.</summary>
    public long Lease { get; init; }
}

sealed record LeaseGrantRequest([property: JsonPropertyName("TTL")] long SecondsToLive);

sealed record LeaseRequest([property: JsonPropertyName("ID")] long Id);

/// <summary>Answer to a grant and to a renewal; a renewal of a lease that has run out has no time to live.</summary>
sealed record LeaseAnswer : EtcdAnswer
{
    [JsonPropertyName("ID")]
    public long Id { get; init; }

    [JsonPropertyName("TTL")]
    public long SecondsToLive { get; init; }
}

sealed record LeaseRevokeAnswer : EtcdAnswer;

/// <summary>One transaction: all comparisons hold and <c>Success</c> is done, or <c>Failure</c> is.</summary>
sealed record TransactionRequest(IReadOnlyList<EtcdComparison> Compare, IReadOnlyList<EtcdOperation> Success, IReadOnlyList<EtcdOperation> Failure);

sealed record EtcdComparison(byte[] Key, string Target, string Result, long? CreateRevision, long? ModRevision)
{
    /// <summary>The key was made at a revision; 0: it does not exist.</summary>
    public static EtcdComparison CreatedAt(byte[] key, long revision) => new(key, "CREATE", "EQUAL", revision, null);

    /// <summary>The key was last changed at a revision; 0: it does not exist.</summary>
    public static EtcdComparison ChangedAt(byte[] key, long revision) => new(key, "MOD", "EQUAL", null, revision);
}

sealed record EtcdOperation(PutRequest? RequestPut, RangeRequest? RequestRange)
{
    public static EtcdOperation Put(byte[] key, byte[] value, long lease = 0) => new(new PutRequest(key, value, lease), null);

    public static EtcdOperation Read(byte[] key) => new(null, new RangeRequest(key));
}

sealed record PutRequest(byte[] Key, byte[] Value, long Lease);

sealed record RangeRequest(byte[] Key);

sealed record TransactionAnswer : EtcdAnswer
{
    public bool Succeeded { get; init; }

    public IReadOnlyList<OperationAnswer> Responses { get; init; } = [];
}

sealed record OperationAnswer
{
    public RangeAnswer? ResponseRange { get; init; }
}

sealed record RangeAnswer
{
    public IReadOnlyList<EtcdKeyValue> Kvs { get; init; } = [];
}
