using YamlDotNet.RepresentationModel;

namespace Trainer.Cli.Tests.Deployment;

/// <summary>Dockerfile and compose file agree with the repository, with one another and with the program. No image is built here.</summary>
public sealed class ContainerTests
{
    readonly string[] _dockerfile = File.ReadAllLines(Manifests.PathOf("deploy", "docker", "Dockerfile"));
    readonly YamlMappingNode _compose = Manifests.Read("deploy", "docker", "compose.yaml")[0];
    readonly YamlMappingNode _standby = Manifests.Read("deploy", "docker", "compose.standby.yaml")[0];

    [Fact]
    public void The_image_restores_from_the_project_files_of_all_that_the_program_is_made_of()
    {
        var copied = _dockerfile.Where(line => line.StartsWith("COPY src/", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]["src/".Length..].Split('/')[0]);

        copied.ShouldBe(Directory.EnumerateDirectories(Manifests.PathOf("src")).Select(Path.GetFileName), ignoreOrder: true);
        foreach (var file in _dockerfile.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal)).SelectMany(line => line.Split(' ')[1..^1]))
            (file.Contains('*', StringComparison.Ordinal) || Path.Exists(Manifests.PathOf(file))).ShouldBeTrue(file);
    }

    [Fact]
    public async Task The_program_knows_every_option_of_the_services()
    {
        foreach (var service in new[] { "coordinator", "worker" })
            await Options.ShouldBeKnownAsync(_compose.Text("services", service, "command").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var check = _compose.Items("services", "coordinator", "healthcheck", "test").Select(part => part.ToString()).ToList();
        check[..3].ShouldBe(["CMD", "lstm-cluster", "status"]);
        _compose.Text("services", "coordinator", "command").ShouldContain($"--http 0.0.0.0:{check[3].Split(':')[1]}");
    }

    [Fact]
    public void Every_volume_and_service_that_is_named_is_there()
    {
        var volumes = _compose.Texts("volumes").Keys.ToList();
        var services = ((YamlMappingNode)_compose.At("services")!).Children.ToDictionary(child => child.Key.ToString(), child => child.Value);
        foreach (var (name, service) in services)
        {
            var named = service.Items("volumes").Select(volume => volume.ToString().Split(':')[0]).Where(volume => char.IsAsciiLetter(volume[0]));
            named.ShouldBeSubsetOf(volumes, name);
            ((service.At("depends_on") as YamlMappingNode)?.Children.Keys.Select(key => key.ToString()) ?? []).ShouldBeSubsetOf(services.Keys, name);
        }

        services["worker"].Text("command").ShouldContain("--coordinator coordinator:4242");
        services["coordinator"].Text("command").ShouldContain("--listen 0.0.0.0:4242");
    }

    [Fact]
    public void Workers_do_not_see_the_key_of_the_authority() =>
        _compose.Items("services", "worker", "volumes").Select(volume => volume.ToString()).ShouldBe(["worker-security:/worker-security:ro"]);

    [Fact]
    public async Task A_standby_differs_from_the_coordinator_by_its_name_alone()
    {
        var (leader, standby, worker) = (Command("coordinator"), Command("standby"), Command("worker"));
        foreach (var command in new[] { leader, standby, worker }) await Options.ShouldBeKnownAsync(command);
        leader.ShouldContain("coordinator:4242");
        standby.ShouldBe(leader.Select(word => word == "coordinator:4242" ? "standby:4242" : word));

        // What compose.yaml tells the coordinator stands there too.
        var added = new[] { "--advertise", "coordinator:4242", "--registry", "etcd://etcd:2379/${RUN:-run}" };
        leader.Where(word => !added.Contains(word)).ShouldBe(Words(_compose, "coordinator"));
        foreach (var key in new[] { "volumes", "healthcheck", "restart", "stop_grace_period", "read_only", "tmpfs", "cap_drop", "security_opt", "init", "image", "build" })
            Plain(_standby.At("services", "standby", key)).ShouldBe(Plain(_compose.At("services", "coordinator", key) ?? _compose.At("x-program", key)), key);
        worker.SkipWhile(word => word != "--registry").ElementAt(1).ShouldBe(leader.SkipWhile(word => word != "--registry").ElementAt(1));
        worker.ShouldNotContain("--coordinator");
    }

    [Fact]
    public void Candidates_and_workers_wait_for_etcd_which_says_when_it_is_ready()
    {
        _standby.Items("services", "etcd", "command").Select(argument => argument.ToString()).ShouldContain("--advertise-client-urls=http://etcd:2379");
        _standby.At("services", "etcd", "healthcheck", "test").ShouldNotBeNull();
        foreach (var service in new[] { "coordinator", "standby", "worker" })
            _standby.Text("services", service, "depends_on", "etcd", "condition").ShouldBe("service_healthy");
        _standby.Text("services", "standby", "depends_on", "security", "condition").ShouldBe("service_completed_successfully");
        _standby.Items("services", "standby", "ports").Single().ToString().ShouldNotBe(_compose.Items("services", "coordinator", "ports").Single().ToString(), "both are on this machine");
        var volumes = _standby.Texts("volumes").Keys.Concat(_compose.Texts("volumes").Keys).ToList();
        foreach (var service in new[] { "etcd", "standby" })
            _standby.Items("services", service, "volumes").Select(volume => volume.ToString().Split(':')[0]).Where(volume => char.IsAsciiLetter(volume[0])).ShouldBeSubsetOf(volumes);
    }

    string[] Command(string service) => Words(_standby, service);

    static string[] Words(YamlMappingNode compose, string service) => compose.Text("services", service, "command").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    static string Plain(YamlNode? node) => node switch
    {
        YamlMappingNode map => $"{{{string.Join(", ", map.Children.Select(child => $"{child.Key}: {Plain(child.Value)}"))}}}",
        YamlSequenceNode list => $"[{string.Join(", ", list.Children.Select(Plain))}]",
        _ => node?.ToString() ?? "none",
    };
}
