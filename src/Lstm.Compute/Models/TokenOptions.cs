namespace LstmCluster.Compute;

/// <summary>How a model reads its tokens, beside the vector that each of them has.</summary>
public sealed record TokenOptions
{
    /// <summary>What reads the characters of each token, <see cref="Batch.Characters"/>; its output stands behind the token's vector. Null to read none.</summary>
    public CharacterEncoder? Characters { get; init; }

    /// <summary>What makes tokens unknown in training; null for nothing.</summary>
    public TokenDropout? Dropout { get; init; }
}

/// <summary>In training each token is read as the unknown one with some probability, so that its vector is trained and the model learns to do without; its characters stay.</summary>
/// <remarks>Row n reads step t as unknown when its word for element t, in a mask of width 1, lies below the mask's threshold: where dropout would drop (<see cref="DropoutMask"/>).</remarks>
/// <param name="Rate">The probability, in [0,1).</param>
/// <param name="Unknown">The token that stands for unknown ones.</param>
/// <param name="Stream">Which mask of the step: unique within the model.</param>
/// <exception cref="ArgumentOutOfRangeException">The rate is not in [0,1).</exception>
public sealed record TokenDropout(float Rate, int Unknown, uint Stream)
{
    /// <summary>The probability.</summary>
    public float Rate { get; } = Rate is >= 0 and < 1 ? Rate : throw new ArgumentOutOfRangeException(nameof(Rate), Rate, "must be in [0,1)");

    /// <summary>Copies tokens, and puts the unknown one in the place of some.</summary>
    /// <param name="tokens">[T,N].</param>
    /// <param name="pass">The batch.</param>
    /// <param name="read">[T,N]. Out only.</param>
    internal void Apply(ReadOnlySpan<int> tokens, in Pass pass, Span<int> read)
    {
        tokens.CopyTo(read);
        var mask = new DropoutMask(Rate, pass.MaskKey, Stream);
        for (var index = 0; index < pass.Shards!.Count; index++)
        {
            var (shard, rows) = pass.Shards[index];
            for (var row = 0; row < rows.Count; row++)
            {
                for (var step = 0; step < pass.Shape.Steps; step++)
                    if (mask.Word((uint)step, (uint)shard, (uint)row) < mask.Threshold)
                        read[(step * pass.Shape.Rows) + rows.First + row] = Unknown;
            }
        }
    }
}
