namespace LstmCluster.Data;

/// <summary>Where words are tagged and their characters read: a word is tagged at its last character, when all of it has been read.</summary>
static class WordEnds
{
    /// <summary>A line of words as it is trained on: with one space between.</summary>
    public static string Joined(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The step of the last character of each word.</summary>
    /// <param name="joined">Words with one space between, at least one.</param>
    public static int[] Of(string joined)
    {
        var (ends, step) = (new List<int>(), 0);
        foreach (var rune in joined.EnumerateRunes())
        {
            if (rune.Value == ' ') ends.Add(step - 1);
            step++;
        }

        return [.. ends, step - 1];
    }
}
