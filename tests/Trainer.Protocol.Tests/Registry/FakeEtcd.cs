using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Trainer.Protocol.Tests;

/// <summary>
/// etcd behind its JSON gateway, as far as the registry uses it: transactions, leases that run out by the test's clock, and endpoints that each misbehave as they
/// are told. Answers come at once, so what a test waits for are only the timers of the registry.
/// </summary>
sealed class FakeEtcd(ManualClock clock) : HttpMessageHandler
{
    readonly Lock _gate = new();
    readonly Dictionary<string, Entry> _entries = [];
    readonly Dictionary<long, (TimeSpan Ends, long Seconds)> _leases = [];
    readonly Dictionary<int, Func<string, Conduct>> _conducts = [];
    readonly List<(int Port, string Path)> _requests = [];
    long _revision = 1, _lastLease = 100;

    /// <summary>What an endpoint does with a request.</summary>
    /// <param name="Does">Whether it is done.</param>
    /// <param name="Answers">The answer, from the right one or none; null for silence.</param>
    public sealed record Conduct(bool Does, Func<string?, HttpResponseMessage>? Answers)
    {
        public static Conduct Right { get; } = new(true, answer => Json(answer!));

        public static Conduct Silent { get; } = new(false, null);

        public static Conduct Dead { get; } = new(false, _ => throw new HttpRequestException("connection refused"));

        public static Conduct LosesAnswer { get; } = new(true, _ => throw new HttpRequestException("connection reset"));

        public static Conduct Says(string text, HttpStatusCode status = HttpStatusCode.OK) => new(false, _ => Json(text, status));
    }

    public List<(int Port, string Path)> Requests
    {
        get
        {
            lock (_gate) return [.. _requests];
        }
    }

    public int Leases
    {
        get
        {
            lock (_gate)
            {
                EndLeases();
                return _leases.Count;
            }
        }
    }

    /// <summary>From now on every endpoint does so.</summary>
    public void Conducts(Conduct conduct) => Conducts(_ => conduct);

    /// <summary>From now on every endpoint does so, by what is called.</summary>
    public void Conducts(Func<string, Conduct> conduct)
    {
        lock (_gate)
        {
            _conducts.Clear();
            _conducts[0] = conduct;
        }
    }

    /// <summary>From now on one endpoint does so.</summary>
    public void Conducts(int port, Conduct conduct)
    {
        lock (_gate) _conducts[port] = _ => conduct;
    }

    /// <summary>Somebody else writes a key.</summary>
    public void Put(string key, string value, long lease = 0)
    {
        lock (_gate) Put(key, Encoding.UTF8.GetBytes(value), lease);
    }

    /// <summary>Somebody else deletes a key.</summary>
    public void Delete(string key)
    {
        lock (_gate)
        {
            _revision++;
            _entries.Remove(key);
        }
    }

    /// <summary>All data is lost.</summary>
    public void Wipe()
    {
        lock (_gate)
        {
            _entries.Clear();
            _leases.Clear();
            _revision = 1;
        }
    }

    /// <summary>All leases end, as if their time were over.</summary>
    public void EndAllLeases()
    {
        lock (_gate)
        {
            foreach (var lease in _leases.Keys.ToList()) Revoke(lease);
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        var body = JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!;
        Conduct conduct;
        string? answer = null;
        lock (_gate)
        {
            var port = request.RequestUri.Port;
            _requests.Add((port, path));
            conduct = _conducts.GetValueOrDefault(port, _conducts.GetValueOrDefault(0, _ => Conduct.Right))(path);
            if (conduct.Does) answer = Do(path, body).ToJsonString();
        }

        if (conduct.Answers is null) await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        if (conduct == Conduct.Right && answer!.Contains("\"code\":5", StringComparison.Ordinal)) return Json(answer, HttpStatusCode.NotFound);
        return conduct.Answers!(answer);
    }

    JsonObject Do(string path, JsonNode body)
    {
        EndLeases();
        return path switch
        {
            "/v3/lease/grant" => Grant(body["TTL"]!.GetValue<string>().AsWhole()),
            "/v3/lease/keepalive" => new JsonObject { ["result"] = KeepAlive(body["ID"]!.GetValue<string>().AsWhole()) },
            "/v3/lease/revoke" => Revoke(body["ID"]!.GetValue<string>().AsWhole()) ? Answer() : NoLease(),
            "/v3/kv/txn" => Transact(body),
            _ => throw new InvalidOperationException($"the registry should not call {path}"),
        };
    }

    JsonObject Grant(long seconds)
    {
        _leases[++_lastLease] = (clock.Now + TimeSpan.FromSeconds(seconds), seconds);
        return Answer(("ID", $"{_lastLease}"), ("TTL", $"{seconds}"));
    }

    JsonObject KeepAlive(long id)
    {
        if (!_leases.TryGetValue(id, out var lease)) return Answer(("ID", $"{id}"));
        _leases[id] = (clock.Now + TimeSpan.FromSeconds(lease.Seconds), lease.Seconds);
        return Answer(("ID", $"{id}"), ("TTL", $"{lease.Seconds}"));
    }

    JsonObject Transact(JsonNode body)
    {
        var succeeded = body["compare"]!.AsArray().All(Holds);
        var operations = body[succeeded ? "success" : "failure"]!.AsArray();
        if (operations.Any(operation => operation!["request_put"] is { } put && put["lease"]!.GetValue<string>().AsWhole() is var lease and not 0 && !_leases.ContainsKey(lease)))
            return NoLease();

        var responses = new JsonArray();
        var revision = operations.Any(operation => operation!["request_put"] is not null) ? ++_revision : _revision;
        foreach (var operation in operations)
        {
            if (operation!["request_put"] is { } put)
            {
                _revision = revision - 1;
                Put(Text(put["key"]!), Convert.FromBase64String(put["value"]!.GetValue<string>()), put["lease"]!.GetValue<string>().AsWhole());
                responses.Add((JsonNode)new JsonObject { ["response_put"] = new JsonObject() });
            }
            else
            {
                responses.Add((JsonNode)new JsonObject { ["response_range"] = Range(Text(operation["request_range"]!["key"]!)) });
            }
        }

        var answer = Answer();
        if (succeeded) answer["succeeded"] = true;
        answer["responses"] = responses;
        return answer;
    }

    bool Holds(JsonNode? compare)
    {
        var entry = _entries.GetValueOrDefault(Text(compare!["key"]!));
        compare["result"]!.GetValue<string>().ShouldBe("EQUAL");
        return compare["target"]!.GetValue<string>() switch
        {
            "CREATE" => (entry?.Created ?? 0) == compare["create_revision"]!.GetValue<string>().AsWhole(),
            "MOD" => (entry?.Changed ?? 0) == compare["mod_revision"]!.GetValue<string>().AsWhole(),
            var other => throw new InvalidOperationException(other),
        };
    }

    JsonObject Range(string key)
    {
        if (!_entries.TryGetValue(key, out var entry)) return [];
        var found = new JsonObject
        {
            ["key"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(key)),
            ["value"] = Convert.ToBase64String(entry.Value),
            ["create_revision"] = $"{entry.Created}",
            ["mod_revision"] = $"{entry.Changed}",
        };
        if (entry.Lease != 0) found["lease"] = $"{entry.Lease}";
        return new JsonObject { ["kvs"] = new JsonArray(found), ["count"] = "1" };
    }

    void Put(string key, byte[] value, long lease)
    {
        _revision++;
        _entries[key] = new Entry(value, lease, _entries.TryGetValue(key, out var entry) ? entry.Created : _revision, _revision);
    }

    bool Revoke(long lease)
    {
        if (!_leases.Remove(lease)) return false;
        foreach (var key in _entries.Where(pair => pair.Value.Lease == lease).Select(pair => pair.Key).ToList()) _entries.Remove(key);
        _revision++;
        return true;
    }

    void EndLeases()
    {
        foreach (var lease in _leases.Where(pair => pair.Value.Ends <= clock.Now).Select(pair => pair.Key).ToList()) Revoke(lease);
    }

    JsonObject Answer(params (string Name, string Value)[] values)
    {
        var answer = new JsonObject { ["header"] = new JsonObject { ["revision"] = $"{_revision}", ["raft_term"] = "2" } };
        foreach (var (name, value) in values) answer[name] = value;
        return answer;
    }

    static JsonObject NoLease() => new() { ["error"] = "etcdserver: requested lease not found", ["message"] = "etcdserver: requested lease not found", ["code"] = 5 };

    static HttpResponseMessage Json(string text, HttpStatusCode status = HttpStatusCode.OK) => new(status) { Content = new StringContent(text, Encoding.UTF8, "application/json") };

    static string Text(JsonNode base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64.GetValue<string>()));

    sealed record Entry(byte[] Value, long Lease, long Created, long Changed);
}

static class Numbers
{
    public static long AsWhole(this string text) => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
