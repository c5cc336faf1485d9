using System.Text;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Reads the cells of the input column. When all rows are read each sample is counted; then <see cref="Complete"/> numbers tokens for good, and <see cref="Finish"/> puts these numbers into samples.</summary>
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

    /// <summary>Takes note of the tokens of a sample that is trained on.</summary>
    public virtual void Count(Sample sample)
    {
    }

    /// <summary>Gives the tokens their ids, when all samples that are trained on are counted.</summary>
    /// <returns>The vocabulary; null for numbers.</returns>
    public abstract Vocabulary? Complete();

    /// <summary>Gives the tokens of a sample, as it was read, their ids. Its arrays are changed; any number of threads may do this.</summary>
    public virtual Sample Finish(Sample sample) => sample;

    protected abstract Sample ReadSteps(in Cell cell);
}

/// <summary>Characters or words, and of words the characters too where the job says so.</summary>
sealed class TokenInputs(TokenKind kind, int? limit, WordCharacters? characters) : InputColumn
{
    readonly TokenTable _table = new();
    readonly TokenCounts _counts = new();
    int[] _ids = [];

    public override string StepNoun => kind == TokenKind.Word ? "word" : "character";

    public override Sample Cut(Sample sample, int steps) => sample with
    {
        Steps = steps,
        Tokens = sample.Tokens[..steps],
        Characters = sample.Characters.Length == 0 ? [] : sample.Characters[..steps],
    };

    public override void Count(Sample sample) => _counts.Add(sample.Tokens);

    public override Vocabulary Complete()
    {
        var counts = _counts.Of(_table);
        Characters = characters?.Complete(_table, counts);
        (var vocabulary, _ids) = _table.ToVocabulary(kind, counts, limit);
        return vocabulary;
    }

    public override Sample Finish(Sample sample)
    {
        // As long as the tokens are numbers of the table, which know their words.
        var words = characters is null ? [] : Array.ConvertAll(sample.Tokens, characters.Of);
        TokenTable.Recode(sample.Tokens, _ids);
        return characters is null ? sample : sample with { Characters = words };
    }

    protected override Sample ReadSteps(in Cell cell)
    {
        var tokens = _table.Split(cell.Text, kind);
        return new Sample { Steps = tokens.Length, Tokens = tokens };
    }
}

/// <summary>The bytes of the text in UTF-8.</summary>
sealed class ByteInputs : InputColumn
{
    public override string StepNoun => "byte";

    public override Sample Cut(Sample sample, int steps) => sample with { Steps = steps, Tokens = sample.Tokens[..steps] };

    public override Vocabulary Complete() => Vocabulary.Bytes;

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

    public override Vocabulary? Complete() => null;

    protected override Sample ReadSteps(in Cell cell)
    {
        var numbers = NumberCell.Read(cell);
        if (numbers.Length % features != 0)
            throw cell.Error($"holds {numbers.Length} numbers, expected a multiple of data.features {features}");
        return new Sample { Steps = numbers.Length / features, Features = numbers };
    }
}
