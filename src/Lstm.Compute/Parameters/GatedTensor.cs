namespace LstmCluster.Compute;

/// <summary>A tensor that holds the same for each gate, one gate's rows below the other's: a kernel, a recurrent kernel, a bias. Each gate is a view of it.</summary>
/// <typeparam name="TGate">The gates of the layer's kind.</typeparam>
public sealed class GatedTensor<TGate>
    where TGate : struct, Enum
{
    readonly TGate[] _gates;

    /// <param name="all">The whole tensor.</param>
    /// <param name="gates">The gates that have rows in it, in the order of these.</param>
    internal GatedTensor(TensorView all, params TGate[] gates) => (All, _gates) = (all, gates);

    /// <summary>All gates.</summary>
    public TensorView All { get; }

    /// <summary>The gates that have rows in it, in the order of these.</summary>
    public IReadOnlyList<TGate> Gates => _gates;

    /// <summary>The part of one gate: a block of rows of a matrix, a run of a vector.</summary>
    /// <exception cref="ArgumentException">The gate has no part: with coupled input and forget gates the forget gate has none.</exception>
    public TensorView this[TGate gate]
    {
        get
        {
            var index = Array.IndexOf(_gates, gate);
            if (index < 0) throw new ArgumentException($"{All.Name} has no part of {gate}: it has those of {string.Join(", ", _gates)}", nameof(gate));
            var length = All.Length / _gates.Length;
            return All.Rows == 1
                ? All with { Offset = All.Offset + (index * length), Columns = length }
                : All with { Offset = All.Offset + (index * length), Rows = All.Rows / _gates.Length };
        }
    }
}
