namespace LstmCluster.Compute.Tests;

/// <summary>What reads the characters of each token, and how long tokens are.</summary>
/// <param name="Vocabulary">Characters that are told apart: few, so that words come more than once.</param>
/// <param name="Width">Features of a character.</param>
/// <param name="Longest">C, characters of the longest word.</param>
/// <param name="Layer">What reads them.</param>
sealed record SpellingChoice(int Vocabulary, int Width, int Longest, LayerChoice Layer)
{
    public CharacterEncoder Create(Making making) => new(new Embedding(Vocabulary, Width), Layer.Create(Width, making));

    /// <summary>[words,C] characters, of each word at least one.</summary>
    public int[] Characters(Draw draw, int words)
    {
        var characters = draw.Integers(words * Longest, -1, Vocabulary);
        foreach (var (word, first) in draw.Integers(words, 0, Vocabulary).Index()) characters[word * Longest] = first;
        return characters;
    }

    public IEnumerable<SpellingChoice> Simpler() =>
        Layer.Simpler().Select(layer => this with { Layer = layer }).Concat(Longest > 1 ? [this with { Longest = 1 }] : []);
}
