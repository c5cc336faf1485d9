namespace LstmCluster.Protocol;

/// <summary>The keys of <c>data:</c>. Which of them belong to a task: <see cref="DataRules"/>.</summary>
static class DataSchema
{
    const string OfRows = "required for rows";

    static readonly ChoiceValue<TokenKind> s_tokens = new(("char", TokenKind.Character), ("byte", TokenKind.Byte), ("word", TokenKind.Word), ("numbers", TokenKind.Numbers));

    static readonly ChoiceValue<TokenKind> s_targetTokens = new(("char", TokenKind.Character), ("word", TokenKind.Word));

    static readonly ChoiceValue<DataFormat> s_format = new(("tsv", DataFormat.Tsv), ("csv", DataFormat.Csv));

    static readonly ChoiceValue<LongerRows> s_longer = new(("fail", LongerRows.Fail), ("cut", LongerRows.Cut), ("skip", LongerRows.Skip));

    /// <summary>The section.</summary>
    public static Section<DataOptions> Data { get; } = new(
        new DataOptions { Source = "" },
        [
            new SectionKey<DataOptions, string>("source", "A file, relative to the current directory, or `npm:PACKAGE@VERSION#FILE`", new TextValue(), x => x.Source, (x, v) => x with { Source = v }) { Required = true },
            new SectionKey<DataOptions, DataFormat?>("format", "How rows stand in the file: between tabs, or as RFC 4180 says; the first line names the columns", new OptionalValue<DataFormat>(s_format), x => x.Format, (x, v) => x with { Format = v }) { DefaultText = "`tsv`" },
            new SectionKey<DataOptions, string>("input", "Name of the column with the inputs", new TextValue(), x => x.Input, (x, v) => x with { Input = v }) { DefaultText = OfRows },
            new SectionKey<DataOptions, string>("target", "Name of the column with the targets", new TextValue(), x => x.Target, (x, v) => x with { Target = v }) { DefaultText = OfRows },
            new SectionKey<DataOptions, TokenKind>("tokens", "What one step of an input is: a Unicode code point, a byte, what stands between white space, or numbers; the last two for rows only", s_tokens, x => x.Tokens, (x, v) => x with { Tokens = v }),
            new SectionKey<DataOptions, TokenKind?>("targetTokens", "What one token of a target sequence is, for `seq2seq`", new OptionalValue<TokenKind>(s_targetTokens), x => x.TargetTokens, (x, v) => x with { TargetTokens = v }) { DefaultText = "`char`" },
            new SectionKey<DataOptions, int?>("features", "Numbers of a time step, for `tokens: numbers`", new OptionalValue<int>(new IntegerValue(1, 1 << 16)), x => x.Features, (x, v) => x with { Features = v }) { DefaultText = "required for `numbers`" },
            new SectionKey<DataOptions, LongerRows?>("longer", "What becomes of rows longer than `training.length`: an error, their beginning is used, or they are left out", new OptionalValue<LongerRows>(s_longer), x => x.Longer, (x, v) => x with { Longer = v }) { DefaultText = "`fail`" },
            new SectionKey<DataOptions, double>("validation", "Fraction kept for validation, of a text the last tokens, of rows those that a hash of the input picks; 0 means none", NumberValue.BelowOne, x => x.Validation, (x, v) => x with { Validation = v }),
        ]);
}
