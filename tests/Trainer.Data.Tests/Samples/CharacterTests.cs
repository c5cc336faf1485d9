using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>Words that are read letter by letter beside being words.</summary>
public class CharacterTests
{
    const string Rows = "in\tout\nab ba\tx y\nab c\tx y\nzzz ab\ty x\n";

    [Fact]
    public void Each_word_has_the_numbers_of_its_characters_and_equal_words_share_them()
    {
        var data = Read(Rows, validation: 0);
        var (first, second) = (data.Training[0], data.Training[1]);

        data.Encoding.Characters!.Serialize().ShouldBe("known-char:[\"a\",\"b\",\"c\",\"z\"]");
        first.Characters.ShouldBe([[1, 2], [2, 1]]);
        second.Characters.ShouldBe([[1, 2], [3]]);
        second.Characters[0].ShouldBeSameAs(first.Characters[0]);
    }

    [Fact]
    public void Known_are_the_characters_of_what_is_trained_on()
    {
        // The last row is held out, and only it has a z.
        var data = Read(Rows, validation: 0.3);

        data.Encoding.Characters!.Serialize().ShouldBe("known-char:[\"a\",\"b\",\"c\"]");
        data.Validation![0].Characters.ShouldBe([[0, 0, 0], [1, 2]]);
        data.Validation[0].Tokens.ShouldBe([0, 1]);
    }

    [Fact]
    public void Words_beyond_the_vocabulary_keep_their_characters()
    {
        var data = Read(Rows, validation: 0, vocabulary: 1);

        data.Training[0].Tokens.ShouldBe([1, 0]);
        data.Training[0].Characters.ShouldBe([[1, 2], [2, 1]]);
    }

    [Theory]
    [InlineData("abcd", 4, "abcd")]
    [InlineData("abcdefg", 4, "abfg")]
    [InlineData("abcdefg", 5, "abcfg")]
    [InlineData("abcdefg", 1, "a")]
    [InlineData("\U0001F600\U0001F601\U0001F602", 2, "\U0001F600\U0001F602")]
    [InlineData("\U0001F600\U0001F601", 2, "\U0001F600\U0001F601")]
    public void Of_a_long_word_beginning_and_end_are_read(string word, int longest, string read) => WordCharacters.Read(word, longest).ShouldBe(read);

    [Fact]
    public void A_batch_has_room_for_the_longest_word_of_all_its_rows()
    {
        var data = Read(Rows, validation: 0);
        var batch = new SampleBatch(data.Training, [0, 1, 2]);
        var characters = new int[2 * 1 * 3];

        batch.CharacterSteps.ShouldBe(3);
        batch.FillCharacters(new BatchRows(0, 1), characters);
        characters.ShouldBe([1, 2, -1, 2, 1, -1]);
    }

    [Fact]
    public void An_input_of_a_model_that_is_used_is_read_as_in_training()
    {
        var job = Job(validation: 0, length: 4);
        var data = Samples(Rows, job);
        var encoder = new InputEncoder(job, DataEncoding.Parse(data.Encoding.ToMetadata(), job));

        var sample = encoder.Encode("ab qazzzc");
        sample.Tokens.ShouldBe([1, 0]);
        sample.Characters.ShouldBe([[1, 2], [0, 1, 4, 3]]);
    }

    [Fact]
    public void A_result_without_the_characters_of_its_words_is_refused()
    {
        var job = Job(validation: 0);
        var metadata = Samples(Rows, job).Encoding.ToMetadata().Where(entry => entry.Key != "character_vocabulary").ToDictionary();

        Should.Throw<CorruptFileException>(() => DataEncoding.Parse(metadata, job)).Message.ShouldBe("holds no character vocabulary");
    }

    static SampleData Read(string rows, double validation, int? vocabulary = null) => Samples(rows, Job(validation, vocabulary));

    static SampleData Samples(string rows, Job job) => SampleData.Read(new StringReader(rows), job, "rows.tsv");

    static Job Job(double validation, int? vocabulary = null, int length = 32) => new()
    {
        Name = "x",
        Task = new TaggerTask(),
        Data = new DataOptions
        {
            Source = "rows.tsv",
            Format = DataFormat.Tsv,
            Input = "in",
            Target = "out",
            Tokens = TokenKind.Word,
            Vocabulary = vocabulary,
            Validation = validation,
            Split = SplitKind.Order,
        },
        Model = new ModelOptions { Layers = [new LstmLayerOptions { Units = 1 }], Characters = new CharacterOptions { Length = length } },
        Training = new TrainingOptions { Batch = 1, Length = 5, Shards = 1, Steps = 1 },
    };
}
