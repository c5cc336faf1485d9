namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <summary>The parameters that are vectors, each checked against the shape and its option.</summary>
    readonly ref struct LstmVectors
    {
        public LstmVectors(in LstmShape shape, in LstmParameters parameters)
        {
            var options = shape.Options;
            Bias = Numbers(parameters.Bias, shape.GateRows);
            Peephole = Optional(options.Peephole, parameters.Peephole, (options.GateCount - 1) * shape.Units);
            InputNorm = Optional(options.LayerNorm, parameters.InputNorm, 2 * shape.GateRows);
            RecurrentNorm = Optional(options.LayerNorm, parameters.RecurrentNorm, 2 * shape.GateRows);
            CellNorm = Optional(options.LayerNorm, parameters.CellNorm, 2 * shape.Units);
        }

        /// <summary>b, [GH].</summary>
        public Span<T> Bias { get; }

        /// <summary>[G-1,H].</summary>
        public Span<T> Peephole { get; }

        /// <summary>[2,GH].</summary>
        public Span<T> InputNorm { get; }

        /// <summary>[2,GH].</summary>
        public Span<T> RecurrentNorm { get; }

        /// <summary>[2,H].</summary>
        public Span<T> CellNorm { get; }
    }
}
