namespace LstmCluster.Compute;

public sealed partial class Lstm
{
    /// <summary>W, [GH,D]; of a gate [H,D].</summary>
    public GatedTensor<Gate> Kernel => new(new("weight_ih" + Suffix, 0, GateRows, InputSize), Gates);

    /// <summary>U, [GH,P]; of a gate [H,P].</summary>
    public GatedTensor<Gate> RecurrentKernel => new(new("weight_hh" + Suffix, End(Kernel), GateRows, OutputSize), Gates);

    /// <summary>b, [GH]; of a gate [H].</summary>
    public GatedTensor<Gate> Bias => new(new("bias_ih" + Suffix, End(RecurrentKernel), 1, GateRows), Gates);

    /// <summary>The diagonals through which gates see the cell, [G-1,H]; of a gate [1,H], and the candidate has none. Null without peepholes.</summary>
    public GatedTensor<Gate>? Peephole => Options.Peephole
        ? new(new("peephole" + Suffix, End(Bias), Options.GateCount - 1, Units), Array.FindAll(Gates, gate => gate != Gate.Candidate))
        : null;

    Gate[] Gates => Options.CoupledInputForget ? [Gate.Input, Gate.Candidate, Gate.Output] : Enum.GetValues<Gate>();

    static int End(GatedTensor<Gate> tensor) => tensor.All.Offset + tensor.All.Length;
}
