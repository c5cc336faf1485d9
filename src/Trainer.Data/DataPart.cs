namespace LstmCluster.Data;

/// <summary>What a part of the data is for.</summary>
public enum DataPart
{
    /// <summary>It is trained on.</summary>
    Training,

    /// <summary>It is held out, to watch training and to choose between models.</summary>
    Validation,

    /// <summary>It is held out, and nothing is chosen by it.</summary>
    Test,
}
