using System.IO.Compression;
using System.Text;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>A running text of words.</summary>
public sealed class WordTextTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("words-").FullName;

    [Fact]
    public async Task Words_stand_between_white_space_of_any_kind()
    {
        var data = await LoadAsync([("a.txt", "the  sea\tthe\n\n ship\r\nsea")], validation: 0);

        Decode(data, data.Training).ShouldBe("the sea the ship");
        data.Vocabulary.Decode([0, 1]).ShouldBe("<unk> sea");
        data.Vocabulary.Encode("ship ahoy  sea").ShouldBe([2, 0, 1]);
    }

    [Fact]
    public async Task The_most_frequent_words_of_the_training_part_are_known_and_of_equal_ones_the_first_by_name()
    {
        // The held-out half is full of what the first half never says.
        var data = await LoadAsync([("a.txt", "d c b a a c x x x x x x")], validation: 0.5, limit: 3);

        data.Vocabulary.Size.ShouldBe(4);
        data.Vocabulary.Decode([1, 2, 3]).ShouldBe("a b c");
        Decode(data, data.Training).ShouldBe("<unk> c b a a");
        Decode(data, data.Validation!).ShouldBe("<unk> <unk> <unk> <unk> <unk>");
    }

    [Fact]
    public async Task A_vocabulary_reads_back_as_it_was_kept()
    {
        var data = await LoadAsync([("a.txt", "the sea \"the\" [ship] sea")], validation: 0);

        var again = Vocabulary.Parse(data.Vocabulary.Serialize());
        again.Encode("[ship] \"the\" whale").ShouldBe(data.Vocabulary.Encode("[ship] \"the\" whale"));
    }

    [Fact]
    public async Task Whole_files_are_held_out_by_a_hash_of_their_content_whatever_they_are_called()
    {
        var files = Enumerable.Range(0, 40).Select(index => ($"{index:00}.txt", $"w{index} w{index} w{index}")).ToList();
        var renamed = files.Select((file, index) => ($"{39 - index:00}.txt", file.Item2)).ToList();

        var (first, second) = (await LoadAsync(files, 0.25, split: SplitKind.Hash, test: 0.25), await LoadAsync(renamed, 0.25, split: SplitKind.Hash, test: 0.25));

        Known(first).ShouldBe(Known(second), ignoreOrder: true);
        Known(first).Length.ShouldBeInRange(10, 30);
        (first.Training.TokenCount + first.Validation!.TokenCount + first.Test!.TokenCount).ShouldBe(120 - 3);
        first.Validation.TokenCount.ShouldBe(second.Validation!.TokenCount);

        static string[] Known(TextData data) => [.. Enumerable.Range(1, data.Vocabulary.Size - 1).Select(id => data.Vocabulary.Decode([id]))];
    }

    [Fact]
    public async Task A_part_without_a_file_is_refused()
    {
        var error = await Should.ThrowAsync<UserErrorException>(() => LoadAsync([("a.txt", "a b c d")], 0.1, split: SplitKind.Hash));

        error.Message.ShouldBe($"data.split: hash puts none of 1 files of {_folder}/*.* into the part for validation; change data.validation, or set data.split: order");
    }

    [Fact]
    public async Task Several_files_of_characters_are_one_text()
    {
        var data = await LoadAsync([("a.txt", "abc"), ("b.txt", "bd")], 0, tokens: TokenKind.Character);

        Decode(data, data.Training).ShouldBe("abcb");
        data.Vocabulary.Size.ShouldBe(4);
    }

    [Fact]
    public async Task A_packed_file_is_read_as_what_is_in_it()
    {
        using (var file = new GZipStream(File.Create(Path.Combine(_folder, "a.gz")), CompressionLevel.Fastest)) file.Write("the sea the"u8);

        var data = await LoadAsync([], 0);
        Decode(data, data.Training).ShouldBe("the sea");
    }

    [Fact]
    public async Task What_is_not_utf8_is_named_by_its_line()
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder, "a.txt"), [.. "sea\n"u8, .. Enumerable.Repeat((byte)'a', 100), 0xe9, (byte)' '], TestContext.Current.CancellationToken);

        (await Should.ThrowAsync<UserErrorException>(() => LoadAsync([], 0))).Message.ShouldEndWith("not UTF-8 from about here on, expected UTF-8 text");
    }

    [Fact]
    public async Task A_text_of_white_space_has_no_word() =>
        (await Should.ThrowAsync<UserErrorException>(() => LoadAsync([("a.txt", " \n")], 0))).Message.ShouldBe($"{_folder}/a.txt: there is no word to train on, expected a text (data.source)");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static string Decode(TextData data, TokenStreams streams)
    {
        var (inputs, targets) = (new int[streams.StreamLength], new int[streams.StreamLength]);
        streams.Fill(0, streams.StreamLength, 0, 1, inputs, targets);
        return data.Vocabulary.Decode(inputs);
    }

    async Task<TextData> LoadAsync(
        IReadOnlyList<(string Name, string Text)> files, double validation, int? limit = null, SplitKind split = SplitKind.Order, double test = 0, TokenKind tokens = TokenKind.Word)
    {
        foreach (var (name, text) in files) await File.WriteAllTextAsync(Path.Combine(_folder, name), text, new UTF8Encoding(false));
        try
        {
            return await TextData.LoadAsync(
                new Job
                {
                    Name = "x",
                    Task = new LanguageModelTask(),
                    Data = new DataOptions { Source = $"{_folder}/*.*", Tokens = tokens, Vocabulary = limit, Split = split, Validation = validation, Test = test },
                    Model = new ModelOptions { Layers = [new LstmLayerOptions { Units = 1 }] },
                    Training = new TrainingOptions { Batch = 1, Length = 1, Shards = 1, Steps = 1 },
                },
                new FetchOptions(), cancellation: TestContext.Current.CancellationToken);
        }
        finally
        {
            foreach (var (name, _) in files) File.Delete(Path.Combine(_folder, name));
        }
    }
}
