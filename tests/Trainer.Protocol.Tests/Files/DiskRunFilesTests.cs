using System.Text;
using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

public sealed class DiskRunFilesTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("run-files-tests-").FullName;
    readonly DiskRunFiles _files = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Checkpoints_are_saved_pruned_and_loaded_on_a_real_disk()
    {
        var store = new CheckpointStore(_files, _folder);
        for (var step = 1; step <= 4; step++)
        {
            store.Save(Checkpoints.Of(step));
            store.Prune(2);
        }

        new CheckpointStore(_files, _folder).Newest().ShouldBeOf(4);
        Directory.GetFileSystemEntries(Path.Combine(_folder, "checkpoints")).Select(Path.GetFileName).ShouldBe(["step-00000003", "step-00000004"], ignoreOrder: true);
    }

    [Fact]
    public void A_replaced_file_has_the_new_content_and_leaves_nothing_beside_it()
    {
        var path = Path.Combine(_folder, "job.yaml");
        _files.Replace(path, stream => stream.Write("old"u8));
        _files.Replace(path, stream => stream.Write("new one"u8));

        File.ReadAllText(path, Encoding.UTF8).ShouldBe("new one");
        _files.List(_folder).ShouldBe(["job.yaml"]);
    }

    [Fact]
    public void A_replacement_that_fails_leaves_the_old_content()
    {
        var path = Path.Combine(_folder, "job.yaml");
        _files.Replace(path, stream => stream.Write("old"u8));

        Should.Throw<IOException>(() => _files.Replace(path, _ => throw new IOException("full")));

        File.ReadAllText(path, Encoding.UTF8).ShouldBe("old");
    }

    [Fact]
    public void Flushing_a_missing_directory_is_an_error_with_its_name()
    {
        var missing = Path.Combine(_folder, "none");

        Should.Throw<IOException>(() => _files.FlushDirectory(missing)).Message.ShouldContain(missing);
    }

    [Fact]
    public void A_missing_directory_has_no_names_and_deleting_it_is_fine()
    {
        _files.List(Path.Combine(_folder, "none")).ShouldBeEmpty();
        _files.Delete(Path.Combine(_folder, "none"));
    }
}
