using System.Text;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Reads the cells of the input column; tokens are numbered for good by <see cref="Complete"/>, when all rows are known.</summary>
abstract class InputColumn
{
    /// <summary>What a time step is called in errors.</summary>
    public abstract string StepNoun { get; }

    /// <summary>Makes the reader that a job asks for.</summary>
    public static InputColumn Of(Job job) => job.Data.Tokens switch
    {
        TokenKind.Numbers => new NumberInputs(job.Data.Features!.Value),
        TokenKind.Byte => new ByteInputs(),
        _ => new TokenInputs(job.Data.Tokens, job.Data.Vocabulary, job.Model.Characters is { } characters ? new WordCharacters(characters.Length) : null),
    };

    /// <summary>Characters that words are made of, after <see cref="Complete"/>; null where they are not read.</summary>
    public Vocabulary? Characters { get; protected set; }

    /// <summary>Reads a cell into a sample without target.</summary>
    /// <exception cref="UserErrorException">The cell does not fit.</exception>
    public Sample Read(in Cell cell)
    {
        var sample = ReadSteps(cell);
        return sample.Steps > 0 ? sample : throw cell.Error($"is empty, expected at least one {StepNoun}");
    }

    /// <summary>The beginning of a sample.</summary>
    public abstract Sample Cut(Sample sample, int steps);

    /// <summary>Gives the tokens of all samples their ids.</summary>
    /// <returns>The vocabulary; null for numbers.</returns>
    public abstract Vocabulary? Complete(IReadOnlyList<Sample> training, IReadOnlyList<Sample> validation);

    protected abstract Sample ReadSteps(in Cell cell);
}

/// <summary>Characters or words, and of words the characters too where the job says so.</summary>
sealed class TokenInputs(TokenKind kind, int? limit, WordCharacters? characters) : InputColumn
{
    readonly TokenTable _table = new();

    public override string StepNoun => kind == TokenKind.Word ? "word" : "character";

    public override Sample Cut(Sample sample, int steps) => sample with
    {
        Steps = steps,
        Tokens = sample.Tokens[..steps],
        Characters = characters is null ? [] : sample.Characters[..steps],
    };

    public override Vocabulary Complete(IReadOnlyList<Sample> training, IReadOnlyList<Sample> validation)
    {
        // As long as the tokens are numbers of the table, which know their words.
        Characters = characters?.Complete(training.SelectMany(sample => sample.Tokens));
        return _table.ToVocabulary(kind, [.. training.Select(sample => sample.Tokens)], [.. validation.Select(sample => sample.Tokens)], limit);
    }

    protected override Sample ReadSteps(in Cell cell)
    {
        var tokens = _table.Split(cell.Text, kind);
        return new Sample
        {
            Steps = tokens.Length,
            Tokens = tokens,
            Characters = characters is null ? [] : [.. tokens.Select(token => characters.Of(token, _table[token]))],
        };
    }
}

/// <summary>The bytes of the text in UTF-8.</summary>
sealed class ByteInputs : InputColumn
{
    public override string StepNoun => "byte";

    public override Sample Cut(Sample sample, int steps) => sample with { Steps = steps, Tokens = sample.Tokens[..steps] };

    public override Vocabulary Complete(IReadOnlyList<Sample> training, IReadOnlyList<Sample> validation) => Vocabulary.Bytes;

    protected override Sample ReadSteps(in Cell cell)
    {
        var bytes = Encoding.UTF8.GetBytes(cell.Text);
        return new Sample { Steps = bytes.Length, Tokens = [.. bytes.Select(value => (int)value)] };
    }
}

/// <summary>So many numbers a time step.</summary>
sealed class NumberInputs(int features) : InputColumn
{
    public override string StepNoun => "time step";

    public override Sample Cut(Sample sample, int steps) => sample with { Steps = steps, Features = sample.Features[..(steps * features)] };

    public override Vocabulary? Complete(IReadOnlyList<Sample> training, IReadOnlyList<Sample> validation) => null;

    protected override Sample ReadSteps(in Cell cell)
    {
        var numbers = NumberCell.Read(cell);
        if (numbers.Length % features != 0)
            throw cell.Error($"holds {numbers.Length} numbers, expected a multiple of data.features {features}");
        return new Sample { Steps = numbers.Length / features, Features = numbers };
    }
}
