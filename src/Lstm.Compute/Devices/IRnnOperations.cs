namespace LstmCluster.Compute;

/// <summary>Plain recurrent networks over whole sequences.</summary>
public interface IRnnOperations
{
    /// <summary>RNN over T steps: <c>h' = tanh(W x + b + U h)</c> (Elman 1990). Beyond its length a row keeps its state.</summary>
    /// <param name="shape">T, N, D, H and the direction.</param>
    /// <param name="weights">The prepared parameters.</param>
    /// <param name="activations">In: the input and the initial state. Out: hidden states.</param>
    void RnnForward(in RecurrentShape shape, in RnnWeights weights, in RnnActivations activations);

    /// <summary>Back-propagation through time of <see cref="RnnForward"/>, up to but without the weight gradients.</summary>
    /// <param name="shape">T, N, D, H and the direction.</param>
    /// <param name="weights">The prepared parameters, with their backward forms.</param>
    /// <param name="activations">What forward left.</param>
    /// <param name="gradients">In: dy and the final state's gradient. Out: dx, the initial state's gradient, and that of the pre-activations.</param>
    void RnnBackward(in RecurrentShape shape, in RnnWeights weights, in RnnActivations activations, in RnnGradients gradients);

    /// <summary>Gradients of all parameters over the rows of one shard, each a sum in the order of <see cref="TimeSegments"/>: <c>dW = sum da x^T</c>, <c>dU = sum da h(t-1)^T</c>, <c>db = sum da</c>.</summary>
    /// <param name="shape">T, N, D, H of the whole batch.</param>
    /// <param name="rows">The shard's rows.</param>
    /// <param name="activations">What forward left.</param>
    /// <param name="gradients">What backward left: da in place of dy.</param>
    /// <param name="parameters">The gradients of the parameters.</param>
    /// <param name="sum">What becomes of what the targets hold.</param>
    void RnnWeightGradient(
        in RecurrentShape shape, RowRange rows, in RnnActivations activations, in RnnGradients gradients, in RnnParameters parameters, Summation sum);
}
