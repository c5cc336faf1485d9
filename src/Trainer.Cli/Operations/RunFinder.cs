using System.Net.Sockets;
using System.Text.Json;
using LstmCluster.Protocol;

namespace LstmCluster.Cli.Operations;

/// <summary>Finds out how a run stands: from the pages of the process that trains, or from the run directory.</summary>
static class RunFinder
{
    /// <summary>Longer than a coordinator has to answer the pages.</summary>
    static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <summary>Asks for a run.</summary>
    /// <param name="runOrAddress">A run directory, or HOST:PORT of <c>train --http</c>.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="UserErrorException">It is neither.</exception>
    /// <exception cref="IOException">Nobody answers at the address.</exception>
    public static async Task<RunStatus> FindAsync(string runOrAddress, CancellationToken cancellation)
    {
        if (Directory.Exists(runOrAddress)) return await InDirectoryAsync(runOrAddress, cancellation).ConfigureAwait(false);
        var address = runOrAddress.Contains("://", StringComparison.Ordinal) ? runOrAddress : $"http://{runOrAddress}";
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.IsDefaultPort && !runOrAddress.Contains(':', StringComparison.Ordinal))
            throw new UserErrorException($"\"{runOrAddress}\" is no run directory; expected one, such as runs/moby-dick, or the HOST:PORT of train --http");
        try
        {
            return await AskAsync(url, cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (IsNoAnswer(error, cancellation))
        {
            throw new IOException($"{runOrAddress} does not answer: {Why(error)}", error);
        }
    }

    static async Task<RunStatus> InDirectoryAsync(string run, CancellationToken cancellation)
    {
        if (PagesFile.Read(run) is { } pages && Reachable(pages.Address) is { } url)
        {
            try
            {
                // Another process may have been given the port since.
                var status = await AskAsync(url, cancellation).ConfigureAwait(false);
                if (status.Run == Path.GetFullPath(run)) return status;
            }
            catch (Exception error) when (IsNoAnswer(error, cancellation))
            {
                return RunOnDisk.Read(run, TimeProvider.System);
            }
        }

        return RunOnDisk.Read(run, TimeProvider.System);
    }

    /// <summary>An address that stands for all of a machine's is asked at this machine's own.</summary>
    static Uri? Reachable(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url)) return null;
        return url.Host switch
        {
            "0.0.0.0" => new UriBuilder(url) { Host = "127.0.0.1" }.Uri,
            "[::]" => new UriBuilder(url) { Host = "[::1]" }.Uri,
            _ => url,
        };
    }

    static async Task<RunStatus> AskAsync(Uri pages, CancellationToken cancellation)
    {
        // Not over the proxy that the environment may name for the world outside.
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { Timeout = s_limit, MaxResponseContentBufferSize = 64 << 20 };
        return RunStatus.Parse(await client.GetStringAsync(new Uri(pages, "/status"), cancellation).ConfigureAwait(false));
    }

    static bool IsNoAnswer(Exception error, CancellationToken cancellation) =>
        error is HttpRequestException or JsonException or SocketException or OperationCanceledException && !cancellation.IsCancellationRequested;

    static string Why(Exception error) => error switch
    {
        JsonException => "what it sends is no status of a run",
        OperationCanceledException => $"nothing came within {s_limit.TotalSeconds:F0} s",
        _ => error.Message,
    };
}
