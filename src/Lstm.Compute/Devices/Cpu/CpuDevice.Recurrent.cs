namespace LstmCluster.Compute.Cpu;

public abstract partial class CpuDevice
{
    /// <inheritdoc/>
    public abstract void GruForward(in RecurrentShape shape, in GruWeights weights, in GruActivations activations);

    /// <inheritdoc/>
    public abstract void GruBackward(in RecurrentShape shape, in GruWeights weights, in GruActivations activations, in GruGradients gradients);

    /// <inheritdoc/>
    public abstract void GruWeightGradient(
        in RecurrentShape shape, RowRange rows, in GruActivations activations, in GruGradients gradients, in GruParameters parameters, Summation sum);

    /// <inheritdoc/>
    public abstract void RnnForward(in RecurrentShape shape, in RnnWeights weights, in RnnActivations activations);

    /// <inheritdoc/>
    public abstract void RnnBackward(in RecurrentShape shape, in RnnWeights weights, in RnnActivations activations, in RnnGradients gradients);

    /// <inheritdoc/>
    public abstract void RnnWeightGradient(
        in RecurrentShape shape, RowRange rows, in RnnActivations activations, in RnnGradients gradients, in RnnParameters parameters, Summation sum);
}
