using YamlDotNet.RepresentationModel;

namespace Trainer.Cli.Tests.Deployment;

/// <summary>Dockerfile and compose file agree with the repository, with one another and with the program. No image is built here.</summary>
public sealed class ContainerTests
{
    readonly string[] _dockerfile = File.ReadAllLines(Manifests.PathOf("deploy", "docker", "Dockerfile"));
    readonly YamlMappingNode _compose = Manifests.Read("deploy", "docker", "compose.yaml")[0];

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
}
