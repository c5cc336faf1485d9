using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>From a job to how its model reads words.</summary>
static class TokenMapping
{
    // Behind the places of all layers, and before the masks within them.
    const int CharacterPlace = 1 << 13;
    const uint WordDropoutStream = 1 << 15;

    /// <summary>How words are read beside their embedding.</summary>
    public static TokenOptions Of(Job job, DataEncoding encoding) => new()
    {
        Characters = job.Model.Characters is { } options ? Characters(options, encoding.Characters!.Size) : null,
        Dropout = job.Model.WordDropout > 0 ? new TokenDropout((float)job.Model.WordDropout, encoding.Inputs!.UnknownToken!.Value, WordDropoutStream) : null,
    };

    static CharacterEncoder Characters(CharacterOptions options, int vocabulary)
    {
        var both = new LstmLayerOptions { Units = options.Units, Bidirectional = DirectionMerge.Concatenate };
        return new CharacterEncoder(new Embedding(vocabulary, options.Embedding), LayerMapping.Of(both, options.Embedding, CharacterPlace, recompute: 0));
    }
}
