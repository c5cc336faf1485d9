using System.Net;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace Trainer.Cli.Tests;

/// <summary>A coordinator and workers as processes of their own with certificates, over loopback and over an address that other machines can reach.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SecureRunTests : IDisposable
{
    readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("loopback")]
    [InlineData("network")]
    public async Task Two_workers_with_certificates_give_the_weights_of_one_process(string network)
    {
        var host = SecurityFolders.AddressOf(network);
        await _workspace.InitAsync("security", "w1", "w2");
        var alone = await _workspace.TrainAsync("--run", "alone", "--workers", "1");
        await using var coordinator = Listen(host, "--workers", "0", "--min-workers", "2");
        var address = await AddressAsync(coordinator);
        address.ShouldStartWith($"{host}:");
        await using var first = Worker(address, "security/nodes/w1");
        await using var second = Worker(address, "security/nodes/w2");

        var together = await coordinator.EndAsync();

        together.Hash.ShouldBe(alone.Hash);
        foreach (var worker in new[] { first, second }) (await worker.EndAsync()).ExitCode.ShouldBe(0);
    }

    [Theory]
    [InlineData("loopback")]
    [InlineData("network")]
    public async Task Strangers_get_nowhere_and_the_run_is_undisturbed(string network)
    {
        var host = SecurityFolders.AddressOf(network);
        await _workspace.InitAsync("security", "w1", "token");
        await _workspace.InitAsync("other");
        Replace("security/nodes/token/token", "another cluster's\n");
        await using var coordinator = Listen(host, "--workers", "0", "--set", "training.steps=1000000");
        var address = await AddressAsync(coordinator);
        await using var trusted = Worker(address, "security/nodes/w1");
        await coordinator.WaitForStepAsync(20);

        if (network == "loopback") await ShouldBeTurnedAwayAsync(1, "only nodes with a certificate", "worker", "--coordinator", address, "--slots", "1");
        else await ShouldBeTurnedAwayAsync(2, $"--coordinator {address}", "worker", "--coordinator", address, "--slots", "1");
        await ShouldBeTurnedAwayAsync(1, "certificate is not one of this cluster", "worker", "--coordinator", address, "--slots", "1", "--security", "other");
        await ShouldBeTurnedAwayAsync(1, "the token is not", "worker", "--coordinator", address, "--slots", "1", "--security", "security/nodes/token");
        (await RefusalOfAnExpiredCertificateAsync(IPEndPoint.Parse(address))).ShouldContain("expired");

        var now = await coordinator.WaitForAsync(IsStep);
        var last = await coordinator.WaitForStepAsync(now.Whole("step") + 20);
        coordinator.Signal("INT");
        var stopped = await coordinator.EndAsync();
        stopped.ExitCode.ShouldBe(130, stopped.Errors);
        stopped.Errors.ShouldBeEmpty();
        stopped.Events.Where(e => e.Text("event") is "worker_joined" or "worker_lost").ShouldHaveSingleItem("only the worker that is trusted");
        var steps = $"training.steps={stopped.Last.Whole("step") + 5}";
        var resumed = await _workspace.TrainAsync("--run", "together", "--resume", "--workers", "1", "--set", steps);
        resumed.Hash.ShouldBe((await _workspace.TrainAsync("--run", "alone", "--workers", "1", "--set", steps)).Hash);
        last.Whole("workers").ShouldBe(1);
    }

    [Fact]
    public async Task Files_of_ones_own_that_cannot_be_used_are_bad_input()
    {
        await _workspace.InitAsync("security", "w1", "w2", "w3");
        await _workspace.InitAsync("other");
        var (certificate, key) = Expired();
        Replace("security/nodes/w1/node.crt", certificate.ExportCertificatePem());
        Replace("security/nodes/w1/node.key", key);
        Replace("security/nodes/w2/ca.crt", File.ReadAllText(_workspace["other/ca.crt"]));
        Replace("security/nodes/w3/node.key", "nonsense");
        (string Folder, string Expected)[] cases =
        [
            ("security/nodes/w1", "security/nodes/w1/node.crt: has expired"),
            ("security/nodes/w2", "security/nodes/w2/node.crt: was not issued by the authority"),
            ("security/nodes/w3", "security/nodes/w3/node.key: is not the private key"),
            ("security/nodes/w4", "security/nodes/w4: no such folder"),
            ("runs", "runs"),
        ];
        foreach (var (folder, expected) in cases)
        {
            await ShouldBeTurnedAwayAsync(2, expected, "worker", "--coordinator", "127.0.0.1:4242", "--security", folder);
            await ShouldBeTurnedAwayAsync(2, expected, "train", "job.yaml", "--listen", "127.0.0.1:0", "--security", folder);
        }

        Directory.Exists(_workspace["runs"]).ShouldBeFalse();
    }

    [Fact]
    public async Task A_worker_with_certificates_leaves_a_coordinator_without_alone()
    {
        await _workspace.InitAsync("security");
        await using var coordinator = _workspace.Start("--listen", "127.0.0.1:0", "--workers", "0");
        var address = await AddressAsync(coordinator);
        await ShouldBeTurnedAwayAsync(1, "does not answer with TLS 1.3", "worker", "--coordinator", address, "--slots", "1", "--security", "security");
        coordinator.Signal("INT");
        (await coordinator.EndAsync()).Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task Security_init_says_what_to_copy_where_and_overwrites_nothing()
    {
        var made = await _workspace.RunAsync("security", "init", "security", "--name", "gpu1", "--days", "30");
        made.ExitCode.ShouldBe(0, made.Errors);
        made.Output.ShouldContain("use --security security");
        made.Output.ShouldContain("copy the folder security/nodes/gpu1");
        var again = await _workspace.RunAsync("security", "init", "security");
        (again.ExitCode, again.ErrorLines.Count).ShouldBe((2, 1));
        again.Errors.ShouldContain("security add-node security NAME");
        var added = await _workspace.RunAsync("security", "add-node", "security", "gpu2", "gpu3");
        added.ExitCode.ShouldBe(0, added.Errors);
        Directory.GetDirectories(_workspace["security/nodes"]).Select(Path.GetFileName).ShouldBe(["gpu1", "gpu2", "gpu3"], ignoreOrder: true);
    }

    static bool IsStep(JsonElement e) => e.Text("event") == "step";

    static async Task<string> AddressAsync(RunningCommand coordinator) => (await coordinator.WaitForAsync(e => e.Text("event") == "listening")).Text("address");

    async Task ShouldBeTurnedAwayAsync(int exitCode, string reason, params string[] arguments)
    {
        var result = await Command.RunAsync(_workspace.Folder, arguments);
        result.ExitCode.ShouldBe(exitCode, result.Errors);
        result.ErrorLines.ShouldHaveSingleItem().ShouldContain(reason);
    }

    /// <summary>A certificate of this cluster that was valid until an hour ago.</summary>
    (X509Certificate2 Certificate, string Key) Expired()
    {
        using var root = X509Certificate2.CreateFromPemFile(_workspace["security/ca.crt"], _workspace["security/ca.key"]);
        using var authority = new CertificateAuthority(root);
        var issued = authority.Issue("late", DateTimeOffset.UtcNow.AddMinutes(-50), TimeSpan.FromMinutes(40));
        using var key = issued.GetECDsaPrivateKey()!;
        return (issued, key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>What somebody hears who does not look at the date of the own certificate.</summary>
    async Task<string> RefusalOfAnExpiredCertificateAsync(IPEndPoint address)
    {
        using var pool = new PayloadPool();
        using var authority = X509CertificateLoader.LoadCertificateFromFile(_workspace["security/ca.crt"]);
        var options = new NetworkOptions
        {
            Name = "late",
            Token = File.ReadAllText(_workspace["security/token"]).Trim(),
            Security = new NetworkSecurity(Expired().Certificate, [authority]),
        };
        await using var runtime = new ThreadRuntime(TimeProvider.System, seed: 0, null);
        await using var node = new NetworkNode(runtime, new TrainerCodec(), pool, options);
        var refusal = await Should.ThrowAsync<HandshakeException>(() => node.Connect(address).ConnectedAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30)));
        refusal.Reason.ShouldBe(RefusalReason.Certificate);
        return refusal.Message;
    }

    void Replace(string name, string text)
    {
        File.WriteAllText(_workspace[name], text);
        File.SetUnixFileMode(_workspace[name], UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    RunningCommand Listen(string host, params string[] arguments) =>
        _workspace.Start(["--run", "together", "--listen", $"{host}:0", "--security", "security", .. arguments]);

    RunningCommand Worker(string address, string security) =>
        Command.Start(_workspace.Folder, ["worker", "--coordinator", address, "--slots", "1", "--security", security]);
}
