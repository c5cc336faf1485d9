using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>Images that are not held in memory are those that are.</summary>
public sealed class IdxFileTests : IDisposable
{
    const int Images = 200, Steps = 50, Features = 40;

    readonly string _folder = Directory.CreateTempSubdirectory("lstm-cluster-test-").FullName;

    [Theory]
    [InlineData("", SplitKind.Hash)]
    [InlineData(".gz", SplitKind.Hash)]
    [InlineData("", SplitKind.Order)]
    [InlineData(".gz", SplitKind.Order)]
    public async Task Images_in_files_are_those_in_memory(string ending, SplitKind split)
    {
        var random = new Random(3);
        foreach (var name in (string[])["a", "b", "t"])
        {
            var (bytes, labels) = (new byte[Images * Steps * Features], new byte[Images]);
            random.NextBytes(bytes);
            for (var image = 0; image < Images; image++) labels[image] = (byte)(name[0] + (image % 7));
            Write($"images-{name}{ending}", [Images, Steps, Features], bytes);
            Write($"labels-{name}{ending}", [Images], labels);
        }

        var job = Job(In($"images-?{ending}"), In($"labels-?{ending}")).With(data => data with { Split = split, Validation = 0.2, TestSource = In($"images-t{ending}"), TestTargetSource = In($"labels-t{ending}") });
        var expected = await LoadAsync(job, long.MaxValue);
        foreach (var mostInMemory in new[] { 0, 2 * Images * Steps * Features })
        {
            var spooled = await LoadAsync(job, mostInMemory);
            Directory.Exists(In("spool")).ShouldBe(ending == ".gz", "what is not packed can be read where it is");
            spooled.RowsSha256.ShouldBe(expected.RowsSha256);
            spooled.Encoding.ToMetadata().ShouldBe(expected.Encoding.ToMetadata());
            foreach (var (set, other) in new[] { (spooled.Training, expected.Training), (spooled.Validation!, expected.Validation!), (spooled.Test!, expected.Test!) })
            {
                (set.Count, set.Extent).ShouldBe((other.Count, other.Extent));
                Parallel.For(0, set.Count, index =>
                {
                    set[index].Features.AsSpan().SequenceEqual(other[index].Features).ShouldBeTrue();
                    set[index].Classes.ShouldBe(other[index].Classes);
                });
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".gz")]
    public async Task Images_that_are_fewer_or_more_than_their_file_says_are_refused(string ending)
    {
        Write($"labels{ending}", [3], [1, 2, 3]);
        foreach (var there in new[] { 5, 7, 100_000 })
        {
            Write($"images{ending}", [3, 1, 2], new byte[there]);
            foreach (var mostInMemory in new[] { 0, long.MaxValue })
                (await Should.ThrowAsync<UserErrorException>(() => LoadAsync(Job(In($"images{ending}"), In($"labels{ending}")), mostInMemory))).Message
                    .ShouldBe($"{In($"images{ending}")}: has {there} numbers behind its head, expected 3 x 1 x 2 = 6");
        }
    }

    [Fact]
    public async Task A_file_that_becomes_shorter_is_told()
    {
        Write("images", [4, Steps, Features], new byte[4 * Steps * Features]);
        Write("labels", [4], [1, 2, 1, 2]);
        var data = await LoadAsync(Job(In("images"), In("labels")), 0);
        using (var file = new FileStream(In("images"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(100);

        Should.Throw<UserErrorException>(() => data.Training[3]).Message.ShouldStartWith($"{In("images")}: the data cannot be read: ");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    Task<SampleData> LoadAsync(Job job, long mostInMemory) => SampleData.LoadAsync(
        job, new FetchOptions { CacheDirectory = _folder, LargestRowsInMemory = mostInMemory }, cancellation: TestContext.Current.CancellationToken);

    static Job Job(string images, string labels)
    {
        var job = SampleJobs.Of(new ClassifierTask(), TokenKind.Numbers, length: Steps);
        return job.With(data => data with { Source = images, TargetSource = labels, Format = DataFormat.Idx, Features = Features, Input = null, Target = null });
    }

    string In(string name) => Path.Combine(_folder, name);

    void Write(string name, int[] extents, byte[] numbers) => IdxFiles.Write(In(name), extents, numbers);
}
