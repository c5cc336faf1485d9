using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>From an input as it stands in a file to what a model reads, with the encoding that is kept beside its weights.</summary>
public sealed class InputEncoder
{
    readonly InputColumn _column;
    readonly Vocabulary? _vocabulary, _characters;
    readonly string _name;
    readonly int? _longest;
    readonly int _longestWord;
    readonly bool _isText, _tagsWords;

    /// <summary>Prepares to read inputs.</summary>
    /// <param name="job">The job that trained the model, of rows or of a text.</param>
    /// <param name="encoding">What its tokens mean.</param>
    public InputEncoder(Job job, DataEncoding encoding)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(encoding);
        (_column, _vocabulary, _name) = (InputColumn.Of(job), encoding.Inputs, job.Data.Input ?? "input");
        (_characters, _longestWord) = (encoding.Characters, job.Model.Characters?.Length ?? 0);

        // A text has lines without anything, and there is nothing wrong with them.
        _isText = job.Task is LanguageModelTask;
        _tagsWords = TagTargets.AreOfWords(job);

        // A step that is cut off would have no answer.
        var answersSteps = job.Task is TaggerTask or RegressorTask { Answers: RegressorAnswers.Step };
        _longest = job.Data.Longer == LongerRows.Cut && !answersSteps ? job.Training.Length : null;
    }

    /// <summary>Reads an input. Tokens that were not seen in training become the unknown one; inputs that were cut in training are cut.</summary>
    /// <param name="text">The cell, or line.</param>
    /// <param name="file">What errors call the file.</param>
    /// <param name="line">Its line, from 1.</param>
    /// <returns>A sample without target.</returns>
    /// <remarks>
    /// Where words are tagged and their characters read, words are joined by one space as in training, and <see cref="Sample.AnsweredSteps"/> are their last characters. A text with a character that its
    /// model has no token for, which has no unknown one, has a <see cref="Sample.Flaw"/> and no tokens.
    /// </remarks>
    /// <exception cref="UserErrorException">It is empty and must not be, or does not hold what the model reads; names the line.</exception>
    public Sample Encode(string text, string file = "input", int line = 1)
    {
        ArgumentNullException.ThrowIfNull(text);
        var cell = new Cell(file, line, _name, _tagsWords ? WordEnds.Joined(text) : text);
        var sample = _vocabulary is null ? _column.Read(cell) : OfTokens(cell);
        if (sample.Steps == 0 && !_isText) throw cell.Error($"is empty, expected at least one {_column.StepNoun}");
        if (_tagsWords) sample = sample with { AnsweredSteps = WordEnds.Of(cell.Text) };
        return sample.Steps > _longest ? _column.Cut(sample, _longest.Value) : sample;
    }

    Sample OfTokens(in Cell cell)
    {
        try
        {
            var tokens = _vocabulary!.Encode(cell.Text);
            return new Sample { Steps = tokens.Length, Tokens = tokens, Characters = _characters is null ? [] : CharactersOf(_characters, cell.Text) };
        }
        catch (UserErrorException error)
        {
            var place = $"{cell.File}:{cell.Line}";
            if (!_isText) throw UserErrorException.At(place, error.Message);

            // One line that cannot be told says nothing of the others.
            return new Sample { Steps = cell.Text.EnumerateRunes().Count(), Flaw = $"{place}: {error.Message}, so this line has no probability" };
        }
    }

    int[][] CharactersOf(Vocabulary characters, string text)
    {
        var words = new List<int[]>();
        for (var tokens = new TokenSplitter(text, TokenKind.Word); tokens.MoveNext();)
            words.Add(characters.Encode(WordCharacters.Read(tokens.Current.ToString(), _longestWord)));
        return [.. words];
    }
}
