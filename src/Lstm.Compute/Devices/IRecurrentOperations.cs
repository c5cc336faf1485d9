namespace LstmCluster.Compute;

/// <summary>LSTM layers over whole sequences.</summary>
public interface IRecurrentOperations
{
    /// <summary>LSTM over T steps: <c>z = x W^T + h U^T + b</c>; <c>i,f,o = sigmoid(z)</c>, <c>g = tanh(z)</c>; <c>c' = f*c + i*g</c>; <c>h' = o*tanh(c')</c>.</summary>
    /// <remarks>Hochreiter and Schmidhuber 1997 with the forget gate of Gers, Schmidhuber and Cummins 2000; <see cref="LstmOptions"/> says what its options add.</remarks>
    /// <param name="shape">T, N, D, H and the options.</param>
    /// <param name="weights">The prepared parameters.</param>
    /// <param name="activations">In: the input and the initial state. Out: activated gates, cells, hidden states.</param>
    void LstmForward(in LstmShape shape, in LstmWeights weights, in LstmActivations activations);

    /// <summary>Back-propagation through time of <see cref="LstmForward"/>, up to but without the weight gradients.</summary>
    /// <param name="shape">T, N, D, H.</param>
    /// <param name="weights">The prepared parameters, with their backward forms.</param>
    /// <param name="activations">What forward left. Its gates are overwritten with dz.</param>
    /// <param name="gradients">In: dy and the final state's gradient. Out: dx and the initial state's gradient.</param>
    void LstmBackward(in LstmShape shape, in LstmWeights weights, in LstmActivations activations, in LstmGradients gradients);

    /// <summary>Gradients of all parameters over the rows of one shard, each a sum in the order of <see cref="TimeSegments"/>: <c>dW = sum dz x^T</c>, <c>dU = sum dz h(t-1)^T</c>, <c>db = sum dz</c>, and those of the options.</summary>
    /// <param name="shape">T, N, D, H of the whole batch.</param>
    /// <param name="rows">The shard's rows.</param>
    /// <param name="activations">What backward left: dz in place of the gates.</param>
    /// <param name="gradients">What backward left.</param>
    /// <param name="parameters">The gradients of the parameters.</param>
    /// <param name="sum">What becomes of what the targets hold.</param>
    void LstmWeightGradient(
        in LstmShape shape, RowRange rows, in LstmActivations activations, in LstmGradients gradients, in LstmParameters parameters, Summation sum);
}
