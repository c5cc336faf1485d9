namespace LstmCluster.Compute;

/// <summary>Which prefix each row of each step continued, and with what: the way back from a hypothesis to its start.</summary>
sealed class BeamTrace
{
    readonly List<(int[] Parents, int[] Tokens)> _steps = [];

    /// <summary>Keeps what the rows became after a step.</summary>
    public void Add(ReadOnlySpan<int> parents, ReadOnlySpan<int> tokens) => _steps.Add((parents.ToArray(), tokens.ToArray()));

    /// <summary>The classes and rows of a hypothesis.</summary>
    /// <param name="length">Its tokens, the last one included.</param>
    /// <param name="row">The row that gave the scores of the last token.</param>
    /// <param name="token">The last token.</param>
    public (int[] Tokens, int[] Rows) Path(int length, int row, int token)
    {
        var (tokens, rows) = (new int[length], new int[length]);
        for (var step = length - 1; step >= 0; step--)
        {
            (tokens[step], rows[step]) = (token, row);
            if (step > 0) (token, row) = (_steps[step - 1].Tokens[row], _steps[step - 1].Parents[row]);
        }

        return (tokens, rows);
    }
}
