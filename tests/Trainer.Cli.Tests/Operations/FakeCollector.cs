using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf;

namespace Trainer.Cli.Tests.Operations;

/// <summary>An OpenTelemetry collector that takes metrics as Protobuf over HTTP on loopback, and remembers them.</summary>
public sealed class FakeCollector : IDisposable
{
    readonly HttpListener _listener;
    readonly Task _served;

    public FakeCollector()
    {
        (_listener, Address) = Listen();
        _served = ServeAsync();
    }

    /// <summary>Its base address.</summary>
    public string Address { get; }

    /// <summary>Names of the metrics that came, and their units.</summary>
    public ConcurrentDictionary<string, string> Metrics { get; } = [];

    /// <summary>Attributes of who sent them.</summary>
    public ConcurrentDictionary<string, string> Resource { get; } = [];

    /// <summary>Paths and types of what was sent.</summary>
    public ConcurrentBag<(string? Path, string? Type)> Requests { get; } = [];

    public void Dispose()
    {
        _listener.Close();
        _served.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
    }

    static (HttpListener, string) Listen()
    {
        for (var attempt = 1; ; attempt++)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var port = ((IPEndPoint)probe.LocalEndpoint).Port;
            probe.Stop();
            var listener = new HttpListener { Prefixes = { $"http://127.0.0.1:{port}/" } };
            try
            {
                listener.Start();
                return (listener, $"http://127.0.0.1:{port}");
            }
            catch (HttpListenerException) when (attempt < 5)
            {
                // Somebody took the port in between.
                listener.Close();
            }
        }
    }

    async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext request;
            try
            {
                request = await _listener.GetContextAsync();
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var body = new MemoryStream();
            await request.Request.InputStream.CopyToAsync(body);
            Requests.Add((request.Request.Url?.AbsolutePath, request.Request.ContentType));
            Read(body.ToArray());
            request.Response.ContentType = "application/x-protobuf";
            request.Response.Close();
        }
    }

    /// <summary>opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest, as far as names and units go.</summary>
    void Read(byte[] request)
    {
        foreach (var resourceMetrics in Fields(request, 1))
        {
            foreach (var resource in Fields(resourceMetrics, 1))
                foreach (var attribute in Fields(resource, 1))
                    Resource[Text(attribute, 1)] = Fields(attribute, 2).Select(value => Text(value, 1)).FirstOrDefault() ?? "";
            foreach (var scope in Fields(resourceMetrics, 2))
                foreach (var metric in Fields(scope, 2))
                    Metrics[Text(metric, 1)] = Text(metric, 3);
        }
    }

    static string Text(byte[] message, int field) => Fields(message, field).Select(System.Text.Encoding.UTF8.GetString).FirstOrDefault() ?? "";

    static List<byte[]> Fields(byte[] message, int field)
    {
        var found = new List<byte[]>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == field && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited) found.Add(input.ReadBytes().ToByteArray());
            else input.SkipLastField();
        }

        return found;
    }
}
