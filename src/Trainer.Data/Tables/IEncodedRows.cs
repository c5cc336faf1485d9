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

    /// <summary>[count,Width], the features of consecutive rows.</summary>
    ReadOnlySpan<float> Features(int first, int count);

    /// <summary>[count,Outputs], the targets of consecutive rows, in the units of the model; NaN where one is missing.</summary>
    ReadOnlySpan<float> Targets(int first, int count);
}
