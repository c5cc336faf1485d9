using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using LstmCluster.Protocol;

namespace LstmCluster.Cli.Bench;

/// <summary>The other process of <c>bench wire</c>: this program once more, with the other ends of all connections.</summary>
sealed class WireFarSide : IDisposable
{
    readonly Process _process;

    WireFarSide(Process process, int[] ports) => (_process, Ports) = (process, ports);

    /// <summary>Ports of a stream, a stream with TLS, a node, a node with TLS, and another stream: each takes one connection.</summary>
    public int[] Ports { get; }

    /// <summary>Starts it.</summary>
    /// <param name="security">Folder with the certificates of both sides.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<WireFarSide> StartAsync(string security, CancellationToken cancellation)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("this program has no file");

        // "dotnet lstm-cluster.dll" is another program with this one as its argument.
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        var start = new ProcessStartInfo(program, [.. self, "bench", "wire", "--far-side", security])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(cancellation).ConfigureAwait(false) ?? throw new InvalidOperationException("the other process did not start");
            return new WireFarSide(process, [.. line.Split(' ').Select(port => int.Parse(port, CultureInfo.InvariantCulture))]);
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>What the other process does: says its ports, and serves until this one is gone.</summary>
    /// <param name="security">Folder with its certificate.</param>
    public static async Task<int> ServeAsync(string security)
    {
        var trusted = ClusterSecurity.Load(security);
        using var certificate = Certificate(security, withKey: true);
        int[] streams = [WireStream.Serve(null), WireStream.Serve(certificate), WireStream.Serve(null)];
        var (plain, plainPort) = WireNode.Serve(null);
        var (secure, securePort) = WireNode.Serve(trusted);
        await using (plain)
        await using (secure)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{streams[0]} {streams[1]} {plainPort} {securePort} {streams[2]}"));
            Console.Out.Flush();
            while (await Console.In.ReadLineAsync().ConfigureAwait(false) is not null)
            {
            }
        }

        return ExitCode.Done;
    }

    /// <summary>The certificate of the folder's node.</summary>
    public static X509Certificate2 Certificate(string security, bool withKey)
    {
        var path = Path.Combine(security, SecurityFiles.Certificate);
        return withKey ? X509Certificate2.CreateFromPemFile(path, Path.Combine(security, SecurityFiles.Key)) : X509CertificateLoader.LoadCertificateFromFile(path);
    }

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(5))) _process.Kill();
        _process.Dispose();
    }
}
