namespace LstmCluster.Protocol;

/// <summary>Where the training data stand: at the step that comes next.</summary>
/// <param name="Epoch">Completed passes.</param>
/// <param name="Offset">Time steps, or rows, of this pass that are used up.</param>
public readonly record struct DataPosition(long Epoch, int Offset)
{
    /// <summary>True at the start of a pass, where carried state is zero.</summary>
    public bool BeginsPass => Offset == 0;
}
