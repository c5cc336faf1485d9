namespace LstmCluster.Compute;

/// <summary>
/// What a model reads of a token beside the token's own vector: the characters it is written with. A recurrent layer reads each word, and what it says of the word is its last state,
/// of both directions where it has two.
/// </summary>
/// <remarks>
/// Ling et al. 2015 (Finding Function in Form); Lample et al. 2016 (Neural Architectures for Named Entity Recognition). So words that were never seen are read as well.
/// Tensors are named <c>characters.embedding.</c> and <c>characters.layers.0.</c>
/// </remarks>
public sealed class CharacterEncoder
{
    /// <summary>Puts an encoder together.</summary>
    /// <param name="embedding">From characters to vectors.</param>
    /// <param name="layer">What reads them: a recurrent layer, or a <see cref="Bidirectional"/> one whose directions stand side by side.</param>
    /// <exception cref="ArgumentException">The layer takes vectors of another size, or has no last state of each direction.</exception>
    public CharacterEncoder(Embedding embedding, Layer layer)
    {
        ArgumentNullException.ThrowIfNull(embedding);
        ArgumentNullException.ThrowIfNull(layer);
        if (layer is not (RecurrentLayer or Bidirectional { Merge: Merge.Concatenate }))
            throw new ArgumentException("characters are read by a recurrent layer, or by two whose outputs stand side by side: of others there is no last state", nameof(layer));
        if (layer.InputSize != embedding.Width)
            throw new ArgumentException($"the layer takes {layer.InputSize} features, but a character has {embedding.Width}", nameof(layer));
        (Embedding, Layer) = (embedding, layer);
    }

    /// <summary>From characters to vectors.</summary>
    public Embedding Embedding { get; }

    /// <summary>What reads the vectors of a word's characters.</summary>
    public Layer Layer { get; }

    /// <summary>Number of characters that are told apart.</summary>
    public int Vocabulary => Embedding.Vocabulary;

    /// <summary>Features of a word.</summary>
    public int OutputSize => Layer.OutputSize;

    /// <summary>The parts and how their tensors are named, in the order of the parameter vector.</summary>
    internal IEnumerable<(string Name, ModelPart Part)> Parts => [("characters.embedding", Embedding), ("characters.layers.0", Layer)];
}
