using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>A cell of a file, with the place that an error about it names.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Column">Name of its column.</param>
/// <param name="Text">What it holds.</param>
readonly record struct Cell(string File, int Line, string Column, string Text)
{
    const int LongestShown = 40;

    /// <summary>What it holds, for an error.</summary>
    public string Shown => Show(Text);

    /// <summary>A text in quotes, cut when it is long.</summary>
    public static string Show(string text) => text.Length <= LongestShown ? $"\"{text}\"" : $"\"{text[..LongestShown]}...\"";

    /// <summary>An error about this cell.</summary>
    /// <param name="message">What follows the name of the column.</param>
    public UserErrorException Error(string message) => UserErrorException.At($"{File}:{Line}", $"column \"{Column}\" {message}");
}

/// <summary>What a sample is made of.</summary>
/// <param name="Input">The input.</param>
/// <param name="Target">The target.</param>
/// <param name="Key">What is hashed to decide whether it is held out.</param>
readonly record struct Row(Cell Input, Cell Target, string Key);
