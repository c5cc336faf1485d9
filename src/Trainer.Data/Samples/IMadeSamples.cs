namespace LstmCluster.Data;

/// <summary>Samples that are made when they are asked for, and whose lengths are known without that.</summary>
interface IMadeSamples : IReadOnlyList<Sample>
{
    /// <summary>Time steps of a sample.</summary>
    int StepsOf(int index);

    /// <summary>Of a window, its first row in the table.</summary>
    int FirstRowOf(int index) => this[index].FirstRow;

    /// <summary>Classes of a sample's target.</summary>
    int ClassesOf(int index) => this[index].Classes.Length;
}
