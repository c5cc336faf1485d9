using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

public sealed class SpoolFileTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("lstm-cluster-test-").FullName;

    [Fact]
    public void What_is_appended_in_pieces_of_any_size_stands_one_behind_the_other()
    {
        using var file = SpoolFile.Create(_folder);
        var (all, random) = (new List<byte>(), new Random(5));
        foreach (var size in (int[])[1, 65_535, 1, 65_536, 65_537, 0, 200_000, 3, 65_536, 17])
        {
            var piece = new byte[size];
            random.NextBytes(piece);
            file.Append(piece);
            all.AddRange(piece);
            file.Length.ShouldBe(all.Count);
        }

        file.Flush();
        var read = new byte[all.Count - 5];
        file.Read(5, read);
        read.ShouldBe(all.Skip(5));
        Should.Throw<EndOfStreamException>(() => file.Read(all.Count - 1, new byte[2]));
    }

    [Fact]
    public void A_full_disk_is_told_by_the_directory()
    {
        if (!File.Exists("/dev/full")) return;
        using var file = new SpoolFile(File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write), "some/where");
        file.Append(new byte[10]);

        var message = Should.Throw<UserErrorException>(file.Flush).Message;
        message.ShouldStartWith("some/where: what does not fit into memory cannot be kept there: ");
        message.ShouldContain("space");
        message.ShouldEndWith("XDG_CACHE_HOME");
        message.ShouldNotContain('\n');
    }

    [Fact]
    public void A_directory_that_cannot_be_made_is_told()
    {
        var taken = Path.Combine(_folder, "file");
        File.WriteAllText(taken, "");

        Should.Throw<UserErrorException>(() => SpoolFile.Create(Path.Combine(taken, "spool"))).Message.ShouldStartWith($"{Path.Combine(taken, "spool")}: ");
    }

    [Fact]
    public void Options_allow_no_more_memory_than_an_eighth_of_what_there_is()
    {
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

        available.ShouldBeGreaterThan(0);
        new FetchOptions().LargestRowsInMemory.ShouldBe(Math.Min(256L << 20, available / 8));
        new FetchOptions().LargestTextInMemory.ShouldBe(Math.Min(64L << 20, available / 8));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
