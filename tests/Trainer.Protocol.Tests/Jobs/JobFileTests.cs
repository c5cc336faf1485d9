using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

public sealed class JobFileTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("job-file-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    string File(string name) => Path.Combine(_folder, name);

    [Fact]
    public void A_job_file_is_read_from_disk()
    {
        System.IO.File.WriteAllText(File("a.yaml"), Jobs.MobyDick);

        JobReader.ReadFile(File("a.yaml"), ["seed=7"]).ShouldBe(Jobs.Read(Jobs.MobyDick) with { Seed = 7 });
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Should.Throw<UserErrorException>(() => JobReader.ReadFile(File("none.yaml"))).Message.ShouldBe($"{File("none.yaml")}: no such job file");

    [Fact]
    public void A_missing_folder_is_named() =>
        Should.Throw<UserErrorException>(() => JobReader.ReadFile(File("no/none.yaml"))).Message.ShouldBe($"{File("no/none.yaml")}: no such job file");

    [Fact]
    public void A_folder_is_not_a_job_file() =>
        Should.Throw<UserErrorException>(() => JobReader.ReadFile(_folder)).Message.ShouldBe($"{_folder}: is a directory, expected a job file");

    [Theory]
    [InlineData(0x6e, 0xff, 0xfe, 0x80)]
    [InlineData(0xef, 0xbb, 0xbf, 0x6e, 0xff)]
    [InlineData(0xff, 0xfe, 0x6e, 0x00)]
    public void A_file_that_is_not_text_is_named(params int[] bytes)
    {
        System.IO.File.WriteAllBytes(File("a.yaml"), [.. bytes.Select(value => (byte)value)]);

        Should.Throw<UserErrorException>(() => JobReader.ReadFile(File("a.yaml"))).Message.ShouldBe($"{File("a.yaml")}: is not UTF-8 text, expected a job file");
    }

    [Fact]
    public void The_mark_at_the_beginning_of_UTF_8_is_passed_over()
    {
        System.IO.File.WriteAllText(File("a.yaml"), Jobs.MobyDick, new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        JobReader.ReadFile(File("a.yaml")).ShouldBe(Jobs.Read(Jobs.MobyDick));
    }

    [Fact]
    public void A_file_too_large_for_a_job_is_named()
    {
        System.IO.File.WriteAllBytes(File("a.yaml"), new byte[(1 << 20) + 1]);

        Should.Throw<UserErrorException>(() => JobReader.ReadFile(File("a.yaml"))).Message.ShouldStartWith($"{File("a.yaml")}: has 1048577 bytes");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void A_path_that_cannot_be_a_file_is_an_error_of_the_person(string path) =>
        Should.Throw<UserErrorException>(() => JobReader.ReadFile(path));
}
