using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>Byte-pair encoding.</summary>
public sealed class SubwordTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("subwords-").FullName;

    [Fact]
    public void The_most_frequent_pair_becomes_a_token_first()
    {
        var vocabulary = Train(259, ("low", 5), ("lower", 2), ("newest", 6), ("widest", 3));

        // Sennrich et al. 2016, figure 1: e s, es t, and then l o.
        vocabulary.Decode([256]).ShouldBe("es");
        vocabulary.Decode([257]).ShouldBe("est");
        vocabulary.Decode([258]).ShouldBe("lo");
        vocabulary.Encode("lowest").ShouldBe([258, 'w', 257]);
    }

    [Fact]
    public void Pairs_that_come_once_stay_apart_and_of_equally_frequent_ones_the_lower_is_first()
    {
        Train(400, ("abcd", 1)).Size.ShouldBe(256);
        var vocabulary = Train(400, ("zy", 2), ("ab", 2));
        vocabulary.Size.ShouldBe(258);
        vocabulary.Decode([256]).ShouldBe("ab");
    }

    [Fact]
    public void A_row_of_one_letter_is_merged_from_the_left() => Train(257, ("aaa", 3)).Encode("aaaaa").ShouldBe([256, 256, 'a']);

    [Fact]
    public void Any_text_reads_back_with_any_vocabulary() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Gen.ListOf(Gen.Elements("the ", " the", "whale", "\n", "\t", "  ", "é", "\U0001F600", "'s", ".", "a\u0301", "9")).ToArbitrary(), parts =>
        {
            var text = string.Concat(parts);
            var vocabulary = Train(270, ("the", 9), (" the", 7), ("whale", 3), (" \U0001F600", 4));
            vocabulary.Decode(vocabulary.Encode(text)).ShouldBe(text);
            Vocabulary.Parse(vocabulary.Serialize()).Encode(text).ShouldBe(vocabulary.Encode(text));
        }));

    [Fact]
    public void Pieces_are_words_with_their_space_and_marks_apart() =>
        Pieces("The whale's, two  seas.\n\tEnd ").ShouldBe(["The", " whale", "'", "s", ",", " two", " ", " seas", ".", "\n", "\t", "End", " "]);

    [Fact]
    public async Task Tokens_are_learned_from_the_part_that_is_trained_on()
    {
        // The second half is full of what the first half never says.
        await File.WriteAllTextAsync(Path.Combine(_folder, "a.txt"), $"{string.Join(' ', Enumerable.Repeat("whale", 40))}\n{string.Join(' ', Enumerable.Repeat("ship", 40))}\n", TestContext.Current.CancellationToken);
        var data = await TextData.LoadAsync(Job(0.5), new FetchOptions(), cancellation: TestContext.Current.CancellationToken);

        data.Vocabulary.Encode("whale whale").ShouldBe([data.Vocabulary.Encode("whale")[0], data.Vocabulary.Encode(" whale")[0]]);
        data.Vocabulary.Encode("ship").Length.ShouldBe(4);
        data.Training.TokenCount.ShouldBeLessThan(42);
        data.Validation!.TokenCount.ShouldBeGreaterThan(150);
    }

    [Fact]
    public async Task An_empty_text_is_refused()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "a.txt"), "", TestContext.Current.CancellationToken);

        (await Should.ThrowAsync<UserErrorException>(() => TextData.LoadAsync(Job(0), new FetchOptions()))).Message.ShouldEndWith("the text is empty, expected one to train on (data.source)");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("[1,256]")]
    [InlineData("[-1,2]")]
    [InlineData("[1,2,1,2]")]
    public void A_damaged_list_of_pairs_is_refused(string list) => Should.Throw<CorruptFileException>(() => Vocabulary.Parse($"bpe:{list}"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    Job Job(double validation) => new()
    {
        Name = "x",
        Task = new LanguageModelTask(),
        Data = new DataOptions { Source = Path.Combine(_folder, "a.txt"), Tokens = TokenKind.Subword, Vocabulary = 300, Split = SplitKind.Order, Validation = validation },
        Model = new ModelOptions { Layers = [new LstmLayerOptions { Units = 1 }] },
        Training = new TrainingOptions { Batch = 1, Length = 1, Shards = 1, Steps = 1 },
    };

    static SubwordVocabulary Train(int size, params (string Piece, int Count)[] pieces) =>
        SubwordTraining.Train(pieces.Select(each => KeyValuePair.Create(each.Piece, each.Count)), size);

    static List<string> Pieces(string text)
    {
        var found = new List<string>();
        for (var pieces = new SubwordPieces(text); pieces.MoveNext();) found.Add(pieces.Current.ToString());
        return found;
    }
}
