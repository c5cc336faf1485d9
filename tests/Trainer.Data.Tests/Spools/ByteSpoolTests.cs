using LstmCluster.Data;

namespace Trainer.Data.Tests;

public sealed class ByteSpoolTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("lstm-cluster-test-").FullName;

    [Theory]
    [InlineData(0)]
    [InlineData(3 << 16)]
    [InlineData(long.MaxValue)]
    public void Bytes_are_the_same_in_memory_in_a_file_and_when_they_have_moved_there(long mostInMemory)
    {
        var (all, random, spool) = (new List<byte>(), new Random(5), new ByteSpool(new SpoolPlace(_folder, mostInMemory)));
        foreach (var size in (int[])[1, 65_535, 1, 65_536, 65_537, 0, 200_000, 3, 65_536, 17])
        {
            var piece = new byte[size];
            random.NextBytes(piece);
            spool.Append(piece);
            all.AddRange(piece);
        }

        spool.Flush();
        spool.Length.ShouldBe(all.Count);
        foreach (var (offset, count) in new[] { (0, all.Count), (65_530, 20), (all.Count - 1, 1), (all.Count, 0) })
        {
            var read = new byte[count];
            spool.Read(offset, read);
            read.ShouldBe(all.Skip(offset).Take(count));
        }

        Should.Throw<ArgumentOutOfRangeException>(() => spool.Read(all.Count, new byte[1]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2 << 16)]
    [InlineData(long.MaxValue)]
    public void What_is_reserved_is_written_in_any_order(long mostInMemory)
    {
        var place = new SpoolPlace(_folder, mostInMemory);
        var spool = new ByteSpool(place);
        spool.Reserve(200_000);
        if (mostInMemory == 2 << 16) place.TryTake(mostInMemory).ShouldBeTrue("what is in a file takes no memory");
        for (var at = 190_000; at >= 0; at -= 10_000) spool.WriteAt(at, [.. Enumerable.Repeat((byte)(at / 10_000), 10_000)]);
        spool.Flush();

        var read = new byte[200_000];
        spool.Read(0, read);
        read.ShouldBe(Enumerable.Range(0, 200_000).Select(at => (byte)(at / 10_000)));
        Should.Throw<ArgumentOutOfRangeException>(() => spool.WriteAt(199_999, new byte[2]));
    }

    [Fact]
    public void Memory_that_is_not_used_any_more_is_for_others()
    {
        var place = new SpoolPlace(_folder, 2 << 16);
        var (one, other) = (new ByteSpool(place), new ByteSpool(place));
        one.Append(new byte[100]);
        other.Append(new byte[100]);
        place.TryTake(1).ShouldBeFalse("each has a block");
        one.Append(new byte[1 << 17]);
        place.TryTake(1 << 16).ShouldBeTrue("it moved to a file");
        other.Free();
        place.TryTake(1 << 16).ShouldBeTrue();
        place.TryTake(1).ShouldBeFalse();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
