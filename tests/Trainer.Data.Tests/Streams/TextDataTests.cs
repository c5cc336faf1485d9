using System.Text;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

public class TextDataTests
{
    static Job JobOf(int batch, int length, double validation) => new()
    {
        Name = "x",
        Task = new LanguageModelTask(),
        Data = new DataOptions { Source = "x.txt", Validation = validation },
        Model = new ModelOptions { Layers = [new LstmLayerOptions { Units = 1 }] },
        Training = new TrainingOptions { Batch = batch, Length = length, Shards = 1, Steps = 1 },
    };

    static TextData Cut(int characters, int batch, int length, double validation) =>
        TextData.Cut(TokenizedText.Of(Encoding.UTF8.GetBytes(new string('a', characters)), TokenKind.Character, "x.txt"), JobOf(batch, length, validation), "x.txt");

    [Fact]
    public void The_cut_of_a_tenth_is_that_of_python_for_every_length()
    {
        TextCut.ByOrder(1_190_317, 0.1, 0).Training.ShouldBe(1_071_285);
        for (var count = 1; count < 200_000; count++)
        {
            // Python: int(len(tokens) * 0.9)
            if (TextCut.ByOrder(count, 0.1, 0).Training != (int)(count * 0.9))
                TextCut.ByOrder(count, 0.1, 0).Training.ShouldBe((int)(count * 0.9), $"{count} tokens");
        }
    }

    [Theory]
    [InlineData(10, 0.9, 1)]
    [InlineData(10, 0.7, 3)]
    [InlineData(10, 0, 10)]
    public void The_cut_is_decimal(int count, double validation, int expected) =>
        TextCut.ByOrder(count, validation, 0).Training.ShouldBe(expected);

    [Fact]
    public void The_last_part_is_for_validation()
    {
        var data = Cut(1000, 4, 10, 0.1);

        data.Training.StreamLength.ShouldBe(899 / 4);
        data.Validation!.StreamLength.ShouldBe(99 / 4);
    }

    [Fact]
    public void What_is_for_the_test_stands_behind_what_is_for_validation()
    {
        var job = JobOf(4, 10, 0.1);
        job = job with { Data = job.Data with { Test = 0.2 } };
        var text = TokenizedText.Of(Encoding.UTF8.GetBytes(new string('a', 700) + new string('b', 100) + new string('c', 200)), TokenKind.Character, "x.txt");
        var data = TextData.Cut(text, job, "x.txt");

        (First(data.Training), First(data.Validation!), First(data.Test!)).ShouldBe((0, 1, 2));
        (data.Training.StreamLength, data.Validation!.StreamLength, data.Test!.StreamLength).ShouldBe((699 / 4, 99 / 4, 199 / 4));
        data.Evaluating(DataPart.Test).ValidationExtent.ShouldBe(data.TestExtent);
        data.Evaluating(DataPart.Training).ValidationExtent.ShouldBe(data.TrainingExtent);
        data.Evaluating(DataPart.Validation).ShouldBeSameAs(data);

        static int First(TokenStreams streams)
        {
            var (inputs, targets) = (new int[1], new int[1]);
            streams.Fill(0, 1, 0, 1, inputs, targets);
            return inputs[0];
        }
    }

    [Fact]
    public void No_validation_leaves_the_whole_text_for_training()
    {
        var data = Cut(41, 4, 10, 0);

        data.Validation.ShouldBeNull();
        data.Training.StepsPerEpoch.ShouldBe(1);
    }

    [Fact]
    public void A_text_too_short_for_one_batch_is_named_with_what_is_needed() =>
        Should.Throw<UserErrorException>(() => Cut(40, 4, 10, 0)).Message.ShouldBe(
            "x.txt: 40 tokens to train on (40 less data.validation) are too few: training.batch 4 x training.length 10 + 1 = 41 are needed; lower training.batch or training.length");

    [Fact]
    public void A_validation_part_too_short_for_one_batch_is_named_with_what_is_needed()
    {
        Cut(100, 4, 10, 0.05).Validation!.StreamLength.ShouldBe(1);
        Should.Throw<UserErrorException>(() => Cut(100, 4, 10, 0.04)).Message.ShouldBe(
            "x.txt: 4 tokens to validate on are too few: training.batch 4 + 1 = 5 are needed; raise data.validation, lower training.batch, or set data.validation: 0");
    }

    [Theory]
    [InlineData(TokenKind.Byte)]
    [InlineData(TokenKind.Character)]
    public void Another_text_of_the_same_length_has_another_fingerprint(TokenKind tokens)
    {
        TextData Of(string text) => TextData.Cut(TokenizedText.Of(Encoding.UTF8.GetBytes(text), tokens, "x.txt"), JobOf(4, 10, 0.1), "x.txt");
        var (one, same, other) = (Of(new string('a', 999) + "b"), Of(new string('a', 999) + "b"), Of("b" + new string('a', 999)));

        one.DifferenceFrom(same.Fingerprint).ShouldBeNull();
        one.DifferenceFrom(one.Evaluating(DataPart.Training).Fingerprint).ShouldBeNull("whichever part is evaluated");
        other.DifferenceFrom(one.Fingerprint).ShouldBe("text");
        other.DifferenceFrom(new Dictionary<string, string> { ["tokens"] = one.Fingerprint["tokens"] }).ShouldBeNull("an earlier version did not keep more");
    }

    [Fact]
    public async Task A_text_is_loaded_from_the_path_of_the_job()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, new string('b', 50) + "a");
            var job = JobOf(2, 5, 0.2);
            var data = await TextData.LoadAsync(job with { Data = job.Data with { Source = path } }, new FetchOptions());

            data.Vocabulary.Size.ShouldBe(2);
            data.Training.StreamLength.ShouldBe(19);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
