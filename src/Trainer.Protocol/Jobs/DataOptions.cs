namespace LstmCluster.Protocol;

/// <summary>Where the data come from and how they become tokens (<c>data:</c>).</summary>
/// <remarks>What is null does not belong to the job's task; a job that was read has every key of its task filled in.</remarks>
public sealed record DataOptions
{
    /// <summary>A file, relative to the current directory, or <c>npm:PACKAGE@VERSION#FILE</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Files with the targets, where they stand apart from the inputs.</summary>
    public string? TargetSource { get; init; }

    /// <summary>Files whose rows are all for the last test.</summary>
    public string? TestSource { get; init; }

    /// <summary>Files with the targets of <see cref="TestSource"/>.</summary>
    public string? TestTargetSource { get; init; }

    /// <summary>File that gives classes and tags other names.</summary>
    public string? TargetMap { get; init; }

    /// <summary>Characters that are left out of targets.</summary>
    public string? TargetWithout { get; init; }

    /// <summary>How bytes are characters; null for UTF-8.</summary>
    public TextEncoding? Encoding { get; init; }

    /// <summary>How rows stand in the file.</summary>
    public DataFormat? Format { get; init; }

    /// <summary>Name of the column with the inputs.</summary>
    public string? Input { get; init; }

    /// <summary>Name of the column with the targets.</summary>
    public string? Target { get; init; }

    /// <summary>The columns of a table that a model reads.</summary>
    public ValueList<ColumnOptions>? Columns { get; init; }

    /// <summary>Name of the column that tells which series a row of a table belongs to; null when all rows are one.</summary>
    public string? Series { get; init; }

    /// <summary>What one step of an input is.</summary>
    public TokenKind Tokens { get; init; } = TokenKind.Character;

    /// <summary>What one token of a target sequence is: a character or a word.</summary>
    public TokenKind? TargetTokens { get; init; }

    /// <summary>Most tokens that are known, the most frequent ones of what is trained on; every other token counts as one unknown token. Null for all of them.</summary>
    public int? Vocabulary { get; init; }

    /// <summary>Numbers of a time step, D, where inputs are numbers.</summary>
    public int? Features { get; init; }

    /// <summary>What becomes of a row that is longer than <c>training.length</c>.</summary>
    public LongerRows? Longer { get; init; }

    /// <summary>Batches whose rows are sorted by length together, so that less is padding; 0 for none.</summary>
    public int? Bucketing { get; init; }

    /// <summary>What becomes of a row that is malformed.</summary>
    public MalformedRows? OnBadRow { get; init; }

    /// <summary>How it is decided which part of the data is held out.</summary>
    public SplitKind? Split { get; init; }

    /// <summary>Name of the column whose text is hashed; null for the input itself.</summary>
    public string? Key { get; init; }

    /// <summary>Fraction that is kept for validation, from 0 (none) up to, but not including, 1.</summary>
    public double Validation { get; init; } = 0.1;

    /// <summary>Fraction that is kept for a last test, from 0 (none) up to, but not including, 1.</summary>
    public double Test { get; init; }
}

/// <summary>How it is decided which part of the data is held out.</summary>
public enum SplitKind
{
    /// <summary>A hash of the sample's content decides, so that it stays on its side whatever else there is.</summary>
    Hash,

    /// <summary>The last part is the test, the part before it the validation.</summary>
    Order,
}

/// <summary>What becomes of a row that is malformed.</summary>
public enum MalformedRows
{
    /// <summary>It is an error.</summary>
    Fail,

    /// <summary>It is left out and counted.</summary>
    Skip,
}

/// <summary>What one step of a sequence is.</summary>
public enum TokenKind
{
    /// <summary>A Unicode code point.</summary>
    Character,

    /// <summary>A byte; the vocabulary is all 256.</summary>
    Byte,

    /// <summary>What stands between white space.</summary>
    Word,

    /// <summary>A byte, or bytes that often stand together in what is trained on (byte-pair encoding).</summary>
    Subword,

    /// <summary>As many numbers as there are features, without a vocabulary.</summary>
    Numbers,
}

/// <summary>How rows stand in a file.</summary>
public enum DataFormat
{
    /// <summary>Cells between tabs, one row a line; quotes mean nothing.</summary>
    Tsv,

    /// <summary>Cells between commas, in quotes where need be (RFC 4180).</summary>
    Csv,

    /// <summary>A sentence of <c>word/tag</c> pairs a line.</summary>
    Tagged,

    /// <summary>A spelling, white space, and what it stands for, a line; <c>(1)</c> behind the spelling marks an alternative.</summary>
    Dictionary,

    /// <summary>Lines of one file belong to the lines of another.</summary>
    Parallel,

    /// <summary>Each file is an input, and its folder the class.</summary>
    Folders,

    /// <summary>Images and labels in the IDX format.</summary>
    Idx,
}

/// <summary>How bytes are characters.</summary>
public enum TextEncoding
{
    /// <summary>UTF-8; anything else is an error.</summary>
    Utf8,

    /// <summary>ISO 8859-1: each byte is a character.</summary>
    Latin1,
}

/// <summary>What becomes of a row that is longer than allowed.</summary>
public enum LongerRows
{
    /// <summary>It is an error.</summary>
    Fail,

    /// <summary>Its beginning is used.</summary>
    Cut,

    /// <summary>It is left out.</summary>
    Skip,
}
