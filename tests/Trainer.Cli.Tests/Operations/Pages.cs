using System.Net;
using System.Text.Json;

namespace Trainer.Cli.Tests.Operations;

/// <summary>Reads the pages of a process that trains.</summary>
public sealed class Pages(string address) : IDisposable
{
    readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(1) };

    /// <summary>Those of a run that is told to have some.</summary>
    public static async Task<Pages> OfAsync(RunningCommand run) => new((await run.WaitForAsync(e => e.Text("event") == "serving")).Text("address"));

    /// <summary>HOST:PORT.</summary>
    public string Authority => _client.BaseAddress!.Authority;

    public async Task<(HttpStatusCode Code, string Text)> GetAsync(string path)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<JsonElement> StatusAsync() => Command.Parse((await GetAsync("/status")).Text);

    public async Task<ExpositionText> MetricsAsync()
    {
        using var response = await _client.GetAsync(new Uri("/metrics", UriKind.Relative));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        return new ExpositionText(await response.Content.ReadAsStringAsync());
    }

    /// <summary>Asks for what changes nothing.</summary>
    public async Task<HttpStatusCode> PostAsync(string path)
    {
        using var response = await _client.PostAsync(new Uri(path, UriKind.Relative), content: null);
        return response.StatusCode;
    }

    public void Dispose() => _client.Dispose();
}
