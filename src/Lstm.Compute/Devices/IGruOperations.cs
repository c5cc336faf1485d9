namespace LstmCluster.Compute;

/// <summary>Gated recurrent units over whole sequences, in PyTorch's and cuDNN's variant.</summary>
public interface IGruOperations
{
    /// <summary>
    /// GRU over T steps: <c>r,z = sigmoid(W x + b + U h + c)</c>, <c>n = tanh(W_n x + b_n + r*(U_n h + c_n))</c>, <c>h' = (1-z)*n + z*h</c>.
    /// Beyond its length a row keeps its state.
    /// </summary>
    /// <remarks>Cho et al. 2014; the reset gate behind the recurrent product leaves that product whole (Appleyard, Kocisky and Blunsom 2016).</remarks>
    /// <param name="shape">T, N, D, H and the direction.</param>
    /// <param name="weights">The prepared parameters.</param>
    /// <param name="activations">In: the input and the initial state. Out: activated gates, candidate products, hidden states.</param>
    void GruForward(in RecurrentShape shape, in GruWeights weights, in GruActivations activations);

    /// <summary>Back-propagation through time of <see cref="GruForward"/>, up to but without the weight gradients.</summary>
    /// <param name="shape">T, N, D, H and the direction.</param>
    /// <param name="weights">The prepared parameters, with their backward forms.</param>
    /// <param name="activations">What forward left. Its gates are overwritten with their gradient.</param>
    /// <param name="gradients">In: dy and the final state's gradient. Out: dx, the initial state's gradient, and that of the recurrent product.</param>
    void GruBackward(in RecurrentShape shape, in GruWeights weights, in GruActivations activations, in GruGradients gradients);

    /// <summary>Gradients of all parameters over the rows of one shard, each a sum in the order of <see cref="TimeSegments"/>.</summary>
    /// <param name="shape">T, N, D, H of the whole batch.</param>
    /// <param name="rows">The shard's rows.</param>
    /// <param name="activations">What backward left.</param>
    /// <param name="gradients">What backward left.</param>
    /// <param name="parameters">The gradients of the parameters.</param>
    /// <param name="sum">What becomes of what the targets hold.</param>
    void GruWeightGradient(
        in RecurrentShape shape, RowRange rows, in GruActivations activations, in GruGradients gradients, in GruParameters parameters, Summation sum);
}
