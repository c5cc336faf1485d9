namespace LstmCluster.Compute;

/// <summary>How the outputs of both directions become one.</summary>
public enum Merge
{
    /// <summary>Side by side, the forward direction first, as in PyTorch: P features of each.</summary>
    Concatenate,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Half their sum.</summary>
    Average,
}
