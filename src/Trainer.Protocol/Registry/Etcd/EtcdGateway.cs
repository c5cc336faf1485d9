using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace LstmCluster.Protocol;

/// <summary>
/// Requests to the JSON gateway of etcd: one endpoint after the other, beginning with the one that answered last, each within a limit, so that a dead endpoint
/// costs its limit once. Safe for use by several threads.
/// </summary>
sealed class EtcdGateway : IDisposable
{
    /// <summary>Far more than any answer that is asked for here.</summary>
    const int MaxAnswerBytes = 64 * 1024;

    const string NotEtcd = "an answer that is not of etcd 3.4 or later";

    readonly string _name;
    readonly Uri[] _endpoints;
    readonly HttpClient _http;
    readonly TimeProvider _time;
    int _preferred;

    public EtcdGateway(EtcdAddress address, RegistryOptions options)
    {
        _name = address.ToString();
        _endpoints = [.. address.Endpoints.Select(endpoint => new Uri($"{(address.Secure ? "https" : "http")}://{endpoint}/v3/"))];
        _time = options.TimeProvider;
        _http = new HttpClient(options.Handler ?? Network(options)) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaxAnswerBytes };
    }

    /// <summary>Asks until one endpoint has answered.</summary>
    /// <param name="path">Which call, such as <c>kv/txn</c>.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="isWhole">Whether an answer has what was asked for; an endpoint whose answer has not is passed over.</param>
    /// <param name="limit">For the answer of one endpoint.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="RegistryUnavailableException">None answered; the request may have been done all the same.</exception>
    /// <exception cref="EtcdRefusedException">etcd says no.</exception>
    public async Task<TAnswer> AskAsync<TAnswer>(string path, object request, Func<TAnswer, bool> isWhole, TimeSpan limit, CancellationToken stop)
        where TAnswer : EtcdAnswer
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(request, request.GetType(), EtcdJson.Options);
        var first = Volatile.Read(ref _preferred);
        var failures = new List<string>();
        for (var tried = 0; tried < _endpoints.Length; tried++)
        {
            var index = (first + tried) % _endpoints.Length;
            try
            {
                var answer = await AskAsync<TAnswer>(_endpoints[index], path, body, limit, stop).ConfigureAwait(false);
                if (!isWhole(answer)) throw new EndpointException(NotEtcd);
                Volatile.Write(ref _preferred, index);
                return answer;
            }
            catch (EndpointException failure)
            {
                failures.Add($"{_endpoints[index].Authority}: {failure.Message}");
            }
        }

        throw new RegistryUnavailableException($"{_name}: {string.Join("; ", failures)}");
    }

    public void Dispose() => _http.Dispose();

    async Task<TAnswer> AskAsync<TAnswer>(Uri endpoint, string path, byte[] body, TimeSpan limit, CancellationToken stop) where TAnswer : EtcdAnswer
    {
        stop.ThrowIfCancellationRequested();
        using var limited = new CancellationTokenSource(limit, _time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop, limited.Token);
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var response = await _http.PostAsync(new Uri(endpoint, path), content, ended.Token).ConfigureAwait(false);
            var bytes = await response.Content.ReadAsByteArrayAsync(ended.Token).ConfigureAwait(false);
            return Read<TAnswer>(bytes, (int)response.StatusCode);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new EndpointException(string.Create(CultureInfo.InvariantCulture, $"no answer within {limit.TotalSeconds:0.###} s"));
        }
        catch (HttpRequestException failure)
        {
            throw new EndpointException(failure.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded ? $"an answer of more than {MaxAnswerBytes} bytes" : failure.Message);
        }
        catch (JsonException)
        {
            throw new EndpointException(NotEtcd);
        }
    }

    TAnswer Read<TAnswer>(byte[] bytes, int status) where TAnswer : EtcdAnswer
    {
        using var document = JsonDocument.Parse(bytes);
        var answer = document.RootElement;
        if (answer.ValueKind != JsonValueKind.Object) throw new JsonException();
        if (answer.TryGetProperty("error", out var error)) throw Refused(error.ValueKind == JsonValueKind.Object ? error : answer);
        if (status != 200) throw Refused(answer);

        // What etcd streams, such as renewals, comes in an envelope.
        if (answer.TryGetProperty("result", out var result)) answer = result;
        return answer.Deserialize<TAnswer>(EtcdJson.Options) ?? throw new JsonException();
    }

    /// <summary>An error in any of the forms that the gateway's versions give it.</summary>
    Exception Refused(JsonElement error)
    {
        var hasCode = error.TryGetProperty("code", out var code) || error.TryGetProperty("grpc_code", out code);
        if (!hasCode || code.ValueKind != JsonValueKind.Number || !code.TryGetInt32(out var number)) throw new JsonException();
        var message = error.TryGetProperty("message", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : $"status {number}";
        return EtcdRefusedException.Passes(number) ? new EndpointException(message) : new EtcdRefusedException(number, $"{_name}: {message}");
    }

    static SocketsHttpHandler Network(RegistryOptions options)
    {
        // A proxy is for the world outside; etcd is within the cluster.
        var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false };
        if (options.Tls is not null) handler.SslOptions = options.Tls;
        return handler;
    }
}
