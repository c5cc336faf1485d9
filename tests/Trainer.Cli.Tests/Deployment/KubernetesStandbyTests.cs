using System.Diagnostics;
using YamlDotNet.RepresentationModel;

namespace Trainer.Cli.Tests.Deployment;

/// <summary>What <c>kubectl kustomize</c> makes of <c>deploy/kubernetes-standby</c>: the parts find one another. It is applied to no cluster here.</summary>
public sealed class KubernetesStandbyTests(KubernetesStandbyTests.Rendered rendered) : IClassFixture<KubernetesStandbyTests.Rendered>
{
    const string Component = "app.kubernetes.io/component";

    [Fact]
    public void Two_candidates_run_until_one_has_succeeded()
    {
        var job = rendered.Of("Job", "coordinator");
        job.Text("spec", "parallelism").ShouldBe("2");
        job.At("spec", "completions").ShouldBeNull("with a number of completions the standby's end would count too");
        rendered.Of("PersistentVolumeClaim", "runs").Items("spec", "accessModes").Select(mode => mode.ToString()).ShouldBe(["ReadWriteMany"]);
    }

    [Fact]
    public async Task Candidates_and_workers_ask_one_registry_and_the_program_knows_every_option()
    {
        var (coordinator, worker) = (Container("Job", "coordinator"), Container("Deployment", "worker"));
        foreach (var container in new[] { coordinator, worker })
        {
            await Options.ShouldBeKnownAsync(Arguments(container));
            Argument(container, "--registry").ShouldBe("$(REGISTRY)");
            var variable = container.Items("env").Single(variable => variable.Text("name") == "REGISTRY");
            rendered.Of("ConfigMap", variable.Text("valueFrom", "configMapKeyRef", "name")).At("data", variable.Text("valueFrom", "configMapKeyRef", "key")).ShouldNotBeNull();
        }

        Arguments(worker).ShouldNotContain("--coordinator");
        Argument(coordinator, "--advertise").ShouldBe($"$(POD_IP):{Argument(coordinator, "--listen").Split(':')[1]}");
        coordinator.Items("env").Single(variable => variable.Text("name") == "POD_IP").Text("valueFrom", "fieldRef", "fieldPath").ShouldBe("status.podIP");
        coordinator.Text("livenessProbe", "httpGet", "path").ShouldBe("/healthz", "a standby is alive");
        coordinator.Text("readinessProbe", "httpGet", "path").ShouldBe("/readyz", "and not ready");
    }

    [Fact]
    public void The_registry_names_every_node_of_etcd()
    {
        var address = rendered.Of("ConfigMap", "registry").Text("data", "address");
        var parsed = LstmCluster.Protocol.RegistryAddress.Parse("address", address).ShouldBeOfType<LstmCluster.Protocol.EtcdAddress>();
        var etcd = rendered.Of("StatefulSet", "etcd");
        var service = rendered.Of("Service", etcd.Text("spec", "serviceName"));
        var nodes = Enumerable.Range(0, int.Parse(etcd.Text("spec", "replicas"), System.Globalization.CultureInfo.InvariantCulture)).Select(index => $"etcd-{index}.{service.Text("metadata", "name")}").ToList();

        parsed.Endpoints.ShouldBe(nodes.Select(node => $"{node}:2379"));
        var command = Container("StatefulSet", "etcd").Items("command").Select(word => word.ToString()).ToList();
        command.ShouldContain($"--initial-cluster={string.Join(',', nodes.Select(node => $"{node.Split('.')[0]}=http://{node}:2380"))}");
        var ports = Container("StatefulSet", "etcd").Items("ports").ToDictionary(port => port.Text("name"), port => port.Text("containerPort"));
        command.ShouldContain($"--listen-client-urls=http://0.0.0.0:{ports["client"]}");
        command.ShouldContain($"--listen-peer-urls=http://0.0.0.0:{ports["peer"]}");
        service.Text("spec", "publishNotReadyAddresses").ShouldBe("true", "nodes have to find one another before they are ready");
    }

    [Fact]
    public async Task Etcd_knows_its_options()
    {
        Assert.SkipUnless(EtcdCluster.IsInstalled, "etcd is not installed, so ITS OPTIONS ARE NOT CHECKED");
        using var help = Process.Start(new ProcessStartInfo("etcd", ["--help"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = help.StandardError.ReadToEndAsync();
        var known = await help.StandardOutput.ReadToEndAsync() + await error;
        await help.WaitForExitAsync();

        foreach (var option in Container("StatefulSet", "etcd").Items("command").Skip(1).Select(word => word.ToString().Split('=')[0])) known.ShouldContain($"{option} ");
    }

    [Fact]
    public void Policies_let_candidates_and_workers_reach_etcd_and_nobody_else()
    {
        foreach (var name in new[] { "coordinator", "worker" })
        {
            var towards = rendered.Of("NetworkPolicy", name).Items("spec", "egress").Where(rule => Peers(rule, "to").SequenceEqual(["etcd"])).ShouldHaveSingleItem(name);
            towards.Items("ports").Single().Text("port").ShouldBe("2379");
        }

        var rules = rendered.Of("NetworkPolicy", "etcd").Items("spec", "ingress").ToDictionary(rule => rule.Items("ports").Single().Text("port"), rule => Peers(rule, "from").ToList());
        rules["client"].ShouldBe(["coordinator", "worker"]);
        rules["peer"].ShouldBe(["etcd"]);
    }

    [Fact]
    public void Nodes_of_etcd_have_limits_and_no_privileges()
    {
        var pod = rendered.Of("StatefulSet", "etcd").At("spec", "template", "spec")!;
        pod.Text("securityContext", "runAsNonRoot").ShouldBe("true");
        pod.Text("automountServiceAccountToken").ShouldBe("false");
        var container = Container("StatefulSet", "etcd");
        container.At("resources", "limits", "memory").ShouldNotBeNull();
        container.Text("securityContext", "readOnlyRootFilesystem").ShouldBe("true");
        container.Items("volumeMounts").Single().Text("name").ShouldBe(rendered.Of("StatefulSet", "etcd").Items("spec", "volumeClaimTemplates").Single().Text("metadata", "name"));
    }

    static IEnumerable<string> Peers(YamlNode rule, string direction) =>
        rule.Items(direction).Select(peer => peer.Texts("podSelector", "matchLabels").GetValueOrDefault(Component)).OfType<string>();

    static List<string> Arguments(YamlNode container) => [.. container.Items("args").Select(argument => argument.ToString())];

    static string Argument(YamlNode container, string option) => Arguments(container).SkipWhile(argument => argument != option).ElementAt(1);

    YamlNode Container(string kind, string name) => rendered.Of(kind, name).Items("spec", "template", "spec", "containers").Single();

    /// <summary>The manifests, put together once.</summary>
    public sealed class Rendered : IAsyncLifetime
    {
        List<YamlMappingNode>? _documents;

        /// <summary>A manifest.</summary>
        public YamlMappingNode Of(string kind, string name)
        {
            Assert.SkipWhen(_documents is null, "kubectl is not installed, so THE MANIFESTS WITH A STANDBY ARE NOT CHECKED");
            return _documents.Where(document => document.Text("kind") == kind && document.Text("metadata", "name") == name).ShouldHaveSingleItem($"{kind} {name}");
        }

        public async ValueTask InitializeAsync()
        {
            if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "kubectl")))) return;
            using var kubectl = Process.Start(new ProcessStartInfo("kubectl", ["kustomize", Manifests.PathOf("deploy", "kubernetes-standby")]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = kubectl.StandardError.ReadToEndAsync();
            var output = await kubectl.StandardOutput.ReadToEndAsync();
            await kubectl.WaitForExitAsync();
            kubectl.ExitCode.ShouldBe(0, await error);
            var stream = new YamlStream();
            using var reader = new StringReader(output);
            stream.Load(reader);
            _documents = [.. stream.Documents.Select(document => (YamlMappingNode)document.RootNode)];
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
