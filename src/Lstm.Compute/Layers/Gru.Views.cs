namespace LstmCluster.Compute;

public sealed partial class Gru
{
    /// <summary>W, [3H,D]; of a gate [H,D].</summary>
    public GatedTensor<GruGate> Kernel => new(new("weight_ih" + Suffix, 0, GateRows, InputSize), Enum.GetValues<GruGate>());

    /// <summary>U, [3H,H]; of a gate [H,H].</summary>
    public GatedTensor<GruGate> RecurrentKernel => new(new("weight_hh" + Suffix, End(Kernel), GateRows, Units), Enum.GetValues<GruGate>());

    /// <summary>b, [3H], which stands beside W; of a gate [H].</summary>
    public GatedTensor<GruGate> Bias => new(new("bias_ih" + Suffix, End(RecurrentKernel), 1, GateRows), Enum.GetValues<GruGate>());

    /// <summary>c, [3H], which stands beside U; of a gate [H].</summary>
    public GatedTensor<GruGate> RecurrentBias => new(new("bias_hh" + Suffix, End(Bias), 1, GateRows), Enum.GetValues<GruGate>());

    static int End(GatedTensor<GruGate> tensor) => tensor.All.Offset + tensor.All.Length;
}
