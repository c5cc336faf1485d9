namespace LstmCluster.Compute;

public sealed partial class Rnn
{
    /// <summary>W, [H,D].</summary>
    public TensorView Kernel => new("weight_ih" + Suffix, 0, Units, InputSize);

    /// <summary>U, [H,H].</summary>
    public TensorView RecurrentKernel => new("weight_hh" + Suffix, Kernel.Length, Units, Units);

    /// <summary>b, [H].</summary>
    public TensorView Bias => new("bias_ih" + Suffix, Kernel.Length + RecurrentKernel.Length, 1, Units);
}
