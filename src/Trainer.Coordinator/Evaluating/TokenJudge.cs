using LstmCluster.Compute;
using LstmCluster.Data;

namespace LstmCluster.Training;

/// <summary>How often the likeliest token is the next one, and of how many characters of text the tokens are.</summary>
sealed class TokenJudge : Judge
{
    readonly TokenScore _score;
    readonly int[]? _lengths;
    long _characters;

    /// <param name="tokens">Tokens that the model tells apart.</param>
    /// <param name="vocabulary">What they are.</param>
    public TokenJudge(int tokens, Vocabulary vocabulary)
    {
        _score = new TokenScore(tokens);

        // What an unknown word is spelled like nobody has told, and how much white space was between words neither.
        if (vocabulary is { UnknownToken: null, Separator: "" }) _lengths = [.. Enumerable.Range(0, vocabulary.Size).Select(id => CharactersOf(vocabulary.BytesOf(id)))];
    }

    public override void Take(ReadOnlySpan<float> outputs, in Batch batch, int rows)
    {
        _score.Take(outputs, batch, rows, new RowRange(0, rows));
        if (_lengths is null) return;
        foreach (var token in batch.Classes)
            if (token >= 0)
                _characters += _lengths[token];
    }

    public override Evaluation Complete(Evaluation evaluation) => evaluation with { Accuracy = _score.Accuracy, Characters = _lengths is null ? null : _characters };

    /// <summary>Characters that begin in UTF-8: a token may be a part of one, and each counts where it begins.</summary>
    static int CharactersOf(ReadOnlySpan<byte> bytes)
    {
        var characters = 0;
        foreach (var value in bytes)
            if ((value & 0xC0) != 0x80)
                characters++;
        return characters;
    }
}
