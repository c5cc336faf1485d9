using YamlDotNet.RepresentationModel;

namespace Trainer.Cli.Tests.Deployment;

/// <summary>The manifests of <c>deploy/kubernetes</c> refer to one another and to the program rightly. They are applied to no cluster here.</summary>
public sealed class KubernetesTests
{
    const string Name = "app.kubernetes.io/name", Component = "app.kubernetes.io/component";

    readonly YamlMappingNode _kustomization = Read("kustomization.yaml")[0];
    readonly List<YamlMappingNode> _all;

    public KubernetesTests() => _all = [.. _kustomization.Items("resources").SelectMany(file => Read(file.ToString()))];

    [Fact]
    public void Every_file_is_part_of_the_kustomization()
    {
        var files = Directory.EnumerateFiles(Manifests.PathOf("deploy", "kubernetes"), "*.yaml").Select(Path.GetFileName);

        files.ShouldBe(["kustomization.yaml", "job.yaml", .. _kustomization.Items("resources").Select(file => file.ToString())], ignoreOrder: true);
        _all.ShouldAllBe(document => document.At("apiVersion") != null && document.At("metadata", "name") != null);
        _all.Select(document => (document.Text("kind"), document.Text("metadata", "name"))).ShouldBeUnique();
    }

    [Fact]
    public void The_example_job_is_one_that_the_program_reads() =>
        LstmCluster.Protocol.JobReader.ReadFile(Manifests.PathOf("deploy", "kubernetes", "job.yaml")).Name.ShouldBe("example");

    [Fact]
    public async Task The_program_knows_every_option()
    {
        foreach (var container in Containers()) await Options.ShouldBeKnownAsync([.. container.Items("args").Select(argument => argument.ToString())]);
    }

    [Fact]
    public void Ports_are_those_that_the_program_is_told()
    {
        var coordinator = Containers().Single(container => container.Text("name") == "coordinator");
        var ports = coordinator.Items("ports").ToDictionary(port => port.Text("name"), port => port.Text("containerPort"));
        Argument(coordinator, "--listen").ShouldBe($"0.0.0.0:{ports["training"]}");
        Argument(coordinator, "--http").ShouldBe($"0.0.0.0:{ports["pages"]}");
        foreach (var probe in new[] { "livenessProbe", "readinessProbe" })
        {
            ports.Keys.ShouldContain(coordinator.Text(probe, "httpGet", "port"));
            int.Parse(coordinator.Text(probe, "timeoutSeconds"), System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(5, "a coordinator may take five seconds to answer");
        }

        coordinator.Text("livenessProbe", "httpGet", "path").ShouldBe("/healthz");
        coordinator.Text("readinessProbe", "httpGet", "path").ShouldBe("/readyz");
        var service = Of("Service", "coordinator");
        foreach (var port in service.Items("spec", "ports"))
            ports[port.Text("targetPort")].ShouldBe(port.Text("port"));
        service.Text("spec", "publishNotReadyAddresses").ShouldBe("true", "workers have to find a run that is not ready because it waits for them");
        Argument(Containers().Single(container => container.Text("name") == "worker"), "--coordinator").ShouldBe($"{service.Text("metadata", "name")}:{ports["training"]}");
    }

    [Fact]
    public void Selectors_find_their_pods()
    {
        var pods = Pods().Select(pod => pod.Labels).ToList();
        pods.Select(labels => labels[Component]).ShouldBe(["coordinator", "worker"], ignoreOrder: true);
        Finds(Of("Service", "coordinator").Texts("spec", "selector")).ShouldBe(["coordinator"]);
        var worker = Of("Deployment", "worker");
        Finds(worker.Texts("spec", "selector", "matchLabels")).ShouldBe(["worker"]);
        foreach (var policy in _all.Where(document => document.Text("kind") == "NetworkPolicy"))
        {
            Finds(policy.Texts("spec", "podSelector", "matchLabels")).ShouldBe([policy.Text("metadata", "name")]);
            foreach (var peer in policy.Items("spec", "ingress").SelectMany(rule => rule.Items("from")).Concat(policy.Items("spec", "egress").SelectMany(rule => rule.Items("to"))))
                if (peer.At("podSelector") is not null)
                    Finds(peer.Texts("podSelector", "matchLabels")).Count.ShouldBe(1);
        }

        List<string> Finds(Dictionary<string, string> selector) =>
            [.. pods.Where(labels => selector.All(wanted => labels.GetValueOrDefault(wanted.Key) == wanted.Value)).Select(labels => labels[Component])];
    }

    [Fact]
    public void Policies_open_the_ports_of_the_coordinator()
    {
        var names = Containers().Single(container => container.Text("name") == "coordinator").Items("ports").ToDictionary(port => port.Text("name"), port => port.Text("containerPort"));
        var opened = Of("NetworkPolicy", "coordinator").Items("spec", "ingress").SelectMany(rule => rule.Items("ports")).Select(port => port.Text("port"));
        opened.ShouldBe(names.Keys, ignoreOrder: true);
        Of("NetworkPolicy", "worker").Items("spec", "egress").SelectMany(rule => rule.Items("ports")).Select(port => port.Text("port")).ShouldContain(names["training"]);
    }

    [Fact]
    public void Volumes_are_there_and_mounted_where_the_program_is_told()
    {
        var configMaps = _kustomization.Items("configMapGenerator").Select(map => map.Text("name")).ToList();
        foreach (var (_, spec) in Pods())
        {
            var volumes = spec.Items("volumes").ToDictionary(volume => volume.Text("name"));
            foreach (var container in spec.Items("containers"))
            {
                var mounts = container.Items("volumeMounts").ToDictionary(mount => mount.Text("mountPath"), mount => mount.Text("name"));
                mounts.Values.ShouldBe(volumes.Keys, ignoreOrder: true);
                foreach (var path in container.Items("args").Select(argument => argument.ToString()).Where(argument => argument.StartsWith('/')))
                    mounts.Keys.ShouldContain(mount => path == mount || path.StartsWith(mount + "/", StringComparison.Ordinal), path);
            }

            foreach (var volume in volumes.Values)
            {
                if (volume.At("persistentVolumeClaim") is not null) Of("PersistentVolumeClaim", volume.Text("persistentVolumeClaim", "claimName"));
                if (volume.At("configMap") is not null) configMaps.ShouldContain(volume.Text("configMap", "name"));
                if (volume.At("secret") is null) continue;
                volume.Text("secret", "defaultMode").ShouldBe("0440", "the program refuses keys that everybody may read");
                File.ReadAllText(Manifests.PathOf("deploy", "kubernetes", "README.md")).ShouldContain($"create secret generic {volume.Text("secret", "secretName")} ");
            }
        }
    }

    [Fact]
    public void Pods_have_limits_and_no_privileges()
    {
        foreach (var (_, spec) in Pods())
        {
            spec.Text("securityContext", "runAsNonRoot").ShouldBe("true");
            spec.Text("automountServiceAccountToken").ShouldBe("false");
            foreach (var container in spec.Items("containers"))
            {
                container.At("resources", "limits", "memory").ShouldNotBeNull();
                container.At("resources", "requests", "cpu").ShouldNotBeNull();
                container.Text("securityContext", "allowPrivilegeEscalation").ShouldBe("false");
                container.Text("securityContext", "readOnlyRootFilesystem").ShouldBe("true");
            }
        }
    }

    static IReadOnlyList<YamlMappingNode> Read(string file) => Manifests.Read("deploy", "kubernetes", file);

    static string Argument(YamlNode container, string option) =>
        container.Items("args").Select(argument => argument.ToString()).SkipWhile(argument => argument != option).ElementAt(1);

    YamlMappingNode Of(string kind, string name) => _all.Where(document => document.Text("kind") == kind && document.Text("metadata", "name") == name).ShouldHaveSingleItem($"{kind} {name}");

    /// <summary>What runs in pods, with the labels that the kustomization adds.</summary>
    IEnumerable<(Dictionary<string, string> Labels, YamlNode Spec)> Pods()
    {
        var added = _kustomization.Items("labels").ShouldHaveSingleItem();
        added.Text("includeTemplates").ShouldBe("true");
        added.Texts("pairs").Keys.ShouldBe([Name]);
        foreach (var template in _all.Select(document => document.At("spec", "template")).OfType<YamlNode>())
        {
            var labels = template.Texts("metadata", "labels");
            foreach (var (name, value) in added.Texts("pairs")) labels[name] = value;
            yield return (labels, template.At("spec")!);
        }
    }

    IEnumerable<YamlNode> Containers() => Pods().SelectMany(pod => pod.Spec.Items("containers"));
}
