using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Reads the cells of the target column. When all rows are read each sample is counted; then <see cref="Complete"/> numbers classes and tokens for good, and <see cref="Finish"/> puts these numbers into samples.</summary>
abstract class TargetColumn
{
    /// <summary>Makes the reader that a job asks for.</summary>
    public static TargetColumn Of(Job job) => job.Task switch
    {
        ClassifierTask => new ClassTargets(),
        TaggerTask => new TagTargets(TagTargets.AreOfWords(job)),
        RegressorTask task => new NumberTargets(task, job.Model.Loss is BinaryCrossEntropyOptions),
        SequenceToSequenceTask => new SequenceTargets(job.Data.TargetTokens!.Value),
        _ => throw new NotSupportedException($"{job.Task} has no target column"),
    };

    /// <summary>Reads a row's target into a sample that has its input.</summary>
    /// <exception cref="UserErrorException">The cell does not fit.</exception>
    public Sample Read(in Row row, Sample sample) => Read(row.Target, row.Input.Text, sample);

    /// <summary>Length of the target where it is limited as the input is; 0 where it is not.</summary>
    public virtual int StepsOf(Sample sample) => 0;

    /// <summary>The beginning of a sample's target that belongs to the beginning of its input.</summary>
    public virtual Sample Cut(Sample sample, int steps) => sample;

    /// <summary>Takes note of the target of a sample.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="isTrained">Whether it is trained on.</param>
    public virtual void Count(Sample sample, bool isTrained)
    {
    }

    /// <summary>Gives classes and tokens their ids, when all samples are counted.</summary>
    public abstract (LabelSet? Classes, Vocabulary? Targets) Complete();

    /// <summary>Gives the classes or tokens of a sample's target, as it was read, their ids. Its arrays are changed; any number of threads may do this.</summary>
    public virtual Sample Finish(Sample sample) => sample;

    /// <summary>Reads a cell into a sample.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="input">Text of the input.</param>
    /// <param name="sample">The sample so far.</param>
    protected abstract Sample Read(in Cell cell, string input, Sample sample);
}

/// <summary>The whole cell is the name of one class.</summary>
sealed class ClassTargets : TargetColumn
{
    readonly ClassNumbers _classes = new();

    protected override Sample Read(in Cell cell, string input, Sample sample) =>
        cell.Text.Length > 0 ? sample with { Classes = [_classes.Table.Add(cell.Text)] } : throw cell.Error("is empty, expected the name of a class");

    public override void Count(Sample sample, bool isTrained) => _classes.Count(sample);

    public override (LabelSet? Classes, Vocabulary? Targets) Complete() => (_classes.Complete(), null);

    public override Sample Finish(Sample sample) => _classes.Finish(sample);
}

/// <summary>Names of classes with spaces between, one for each step of the input, or for each of its words, whose last character then is told.</summary>
sealed class TagTargets(bool ofWords) : TargetColumn
{
    readonly ClassNumbers _classes = new();

    /// <summary>True where words are tagged and their characters read.</summary>
    public static bool AreOfWords(Job job) => job is { Task: TaggerTask, Data: { Format: DataFormat.Tagged, Tokens: TokenKind.Character } };

    protected override Sample Read(in Cell cell, string input, Sample sample)
    {
        var tags = _classes.Table.Split(cell.Text, TokenKind.Word);
        if (ofWords) return sample with { Classes = AtEnds(tags, input, sample.Steps) };
        if (tags.Length != sample.Steps)
            throw cell.Error($"has {tags.Length} tags for {sample.Steps} steps of the input, expected one for each, with spaces between");
        return sample with { Classes = tags };
    }

    public override Sample Cut(Sample sample, int steps) => sample with { Classes = sample.Classes[..Math.Min(steps, sample.Classes.Length)] };

    public override void Count(Sample sample, bool isTrained) => _classes.Count(sample);

    public override (LabelSet? Classes, Vocabulary? Targets) Complete() => (_classes.Complete(), null);

    public override Sample Finish(Sample sample) => _classes.Finish(sample);

    /// <summary>The tag of each word at its last character, and none elsewhere.</summary>
    static int[] AtEnds(int[] tags, string input, int steps)
    {
        var classes = new int[steps];
        Array.Fill(classes, -1);
        foreach (var (word, end) in WordEnds.Of(input).Index()) classes[end] = tags[word];
        return classes;
    }
}

/// <summary>So many numbers, once or for each step of the input.</summary>
sealed class NumberTargets(RegressorTask task, bool areProbabilities) : TargetColumn
{
    readonly int _outputs = task.Outputs;
    readonly bool _isEachStep = task.Answers == RegressorAnswers.Step;

    public override Sample Cut(Sample sample, int steps) => _isEachStep ? sample with { Values = sample.Values[..(Math.Min(steps, sample.Steps) * _outputs)] } : sample;

    protected override Sample Read(in Cell cell, string input, Sample sample)
    {
        var values = NumberCell.Read(cell, isMissingAllowed: _isEachStep);
        if (_isEachStep) RequireEachStep(cell, sample, values);
        else if (values.Length != _outputs)
            throw cell.Error($"holds {cell.Shown}, expected {(_outputs == 1 ? "one number" : $"{_outputs} numbers")} (task.regressor.outputs)");
        if (areProbabilities && values.Any(value => value is < 0 or > 1))
            throw cell.Error($"holds {cell.Shown}, expected numbers from 0 to 1 for model.loss: binary-cross-entropy");
        return sample with { Values = values };
    }

    public override (LabelSet? Classes, Vocabulary? Targets) Complete() => (null, null);

    void RequireEachStep(in Cell cell, Sample sample, float[] values)
    {
        if (values.Length != sample.Steps * _outputs)
            throw cell.Error($"has {values.Length} numbers for {sample.Steps} steps of the input, expected {_outputs} for each (task.regressor.outputs), with \"-\" where there is none");
        for (var at = 0; at < values.Length; at += _outputs)
        {
            var missing = values.AsSpan(at, _outputs).Count(float.NaN);
            if (missing > 0 && missing < _outputs) throw cell.Error($"has some numbers of a step and not the others (step {(at / _outputs) + 1}), expected all {_outputs} or none");
        }
    }
}

/// <summary>A sequence of its own.</summary>
sealed class SequenceTargets(TokenKind kind) : TargetColumn
{
    readonly TokenTable _table = new();
    readonly TokenCounts _counts = new();
    int[] _ids = [];

    protected override Sample Read(in Cell cell, string input, Sample sample)
    {
        var tokens = _table.Split(cell.Text, kind);
        return tokens.Length > 0 ? sample with { Classes = tokens } : throw cell.Error("is empty, expected at least one token");
    }

    public override int StepsOf(Sample sample) => sample.Classes.Length;

    public override Sample Cut(Sample sample, int steps) => sample with { Classes = sample.Classes[..Math.Min(steps, sample.Classes.Length)] };

    public override void Count(Sample sample, bool isTrained)
    {
        if (isTrained) _counts.Add(sample.Classes);
    }

    public override (LabelSet? Classes, Vocabulary? Targets) Complete()
    {
        (var vocabulary, _ids) = _table.ToVocabulary(kind, _counts.Of(_table), limit: null);
        return (null, vocabulary);
    }

    public override Sample Finish(Sample sample)
    {
        TokenTable.Recode(sample.Classes, _ids);
        return sample;
    }
}

/// <summary>Names of classes as numbers: all that any sample has are known.</summary>
sealed class ClassNumbers
{
    readonly TokenCounts _counts = new();
    int[] _ids = [];

    /// <summary>Numbers of the names as they are read.</summary>
    public TokenTable Table { get; } = new();

    public void Count(Sample sample) => _counts.Add(sample.Classes);

    public LabelSet Complete()
    {
        (var labels, _ids) = Table.ToLabels(_counts.Of(Table));
        return labels;
    }

    public Sample Finish(Sample sample)
    {
        TokenTable.Recode(sample.Classes, _ids);
        return sample;
    }
}
