using System.Net;
using LstmCluster.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LstmCluster.Cli.Operations;

/// <summary>The pages of a process that trains: metrics, health, readiness and status. They only read.</summary>
sealed class PageServer : IAsyncDisposable
{
    /// <summary>Time that open requests have at the end.</summary>
    static readonly TimeSpan s_stopLimit = TimeSpan.FromSeconds(1);

    readonly WebApplication _web;

    PageServer(WebApplication web, Uri address) => (_web, Address) = (web, address);

    /// <summary>Where it is, with the port that was given.</summary>
    public Uri Address { get; }

    /// <summary>Begins to answer.</summary>
    /// <param name="endpoint">Where; port 0 picks a free one.</param>
    /// <param name="watch">The run.</param>
    /// <param name="metrics">Its metrics.</param>
    /// <exception cref="UserErrorException">The address cannot be listened on.</exception>
    public static async Task<PageServer> StartAsync(IPEndPoint endpoint, RunWatch watch, PrometheusPage metrics)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Limit(kestrel, endpoint));
        builder.Services.AddRoutingCore();

        // Signals are the command line's.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var web = builder.Build();
        web.MapGet("/metrics", (RequestDelegate)(context => MetricsAsync(context, metrics)));
        web.MapGet("/healthz", (RequestDelegate)(context => HealthAsync(context, watch)));
        web.MapGet("/readyz", (RequestDelegate)(context => ReadinessAsync(context, watch)));
        web.MapGet("/status", (RequestDelegate)(context => StatusAsync(context, watch)));
        try
        {
            await web.StartAsync().ConfigureAwait(false);
        }
        catch (IOException failed)
        {
            await web.DisposeAsync().ConfigureAwait(false);
            throw new UserErrorException($"--http {endpoint}: the address cannot be listened on: {(failed.InnerException ?? failed).Message}", failed);
        }

        var addresses = web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new PageServer(web, new Uri(addresses.Single()));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(s_stopLimit);
        await _web.StopAsync(limit.Token).ConfigureAwait(false);
        await _web.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Four small pages for a few readers: whoever wants more than that is turned away before it costs anything.</summary>
    static void Limit(KestrelServerOptions kestrel, IPEndPoint endpoint)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = 100;
        kestrel.Limits.MaxRequestBodySize = 0;
        kestrel.Limits.MaxRequestHeadersTotalSize = 8 << 10;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(1);
        kestrel.Listen(endpoint, listen => listen.Protocols = HttpProtocols.Http1);
    }

    static Task MetricsAsync(HttpContext context, PrometheusPage metrics) => metrics.Read() is { } page
        ? WriteAsync(context, StatusCodes.Status200OK, page, PrometheusPage.ContentType)
        : WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "the metrics could not be collected\n");

    static async Task HealthAsync(HttpContext context, RunWatch watch)
    {
        var status = await watch.StatusAsync().ConfigureAwait(false);
        var isAlive = status.State != RunState.Stuck;
        await WriteAsync(context, isAlive ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, InWords(status)).ConfigureAwait(false);
    }

    static async Task ReadinessAsync(HttpContext context, RunWatch watch)
    {
        var status = await watch.StatusAsync().ConfigureAwait(false);
        var isReady = status.State == RunState.Training;
        await WriteAsync(context, isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, InWords(status)).ConfigureAwait(false);
    }

    static async Task StatusAsync(HttpContext context, RunWatch watch) =>
        await WriteAsync(context, StatusCodes.Status200OK, (await watch.StatusAsync().ConfigureAwait(false)).ToJson() + '\n', "application/json").ConfigureAwait(false);

    static string InWords(RunStatus status) => status.Reason is { } reason ? $"{status.State}: {reason}\n" : $"{status.State}\n";

    static Task WriteAsync(HttpContext context, int code, string text, string type = "text/plain; charset=utf-8")
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = type;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
