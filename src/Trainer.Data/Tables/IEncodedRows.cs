namespace LstmCluster.Data;

/// <summary>Rows of a table as the numbers that a model reads and tells, of which windows are cut.</summary>
interface IEncodedRows
{
    /// <summary>What was learned of the columns.</summary>
    TableEncoding Encoding { get; }

    /// <summary>Features of a row.</summary>
    int Width { get; }

    /// <summary>Targets of a row.</summary>
    int Outputs { get; }

    /// <summary>[Width], for each feature whether it is known for the future.</summary>
    ReadOnlySpan<bool> IsKnown { get; }

    /// <summary>[Width], the features of a row.</summary>
    ReadOnlySpan<float> Features(int row);

    /// <summary>[Outputs], the targets of a row, in the units of the model; NaN where one is missing.</summary>
    ReadOnlySpan<float> Targets(int row);
}
