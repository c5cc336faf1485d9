namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <summary>What is kept of one row at one step. Operands of options that are off stand for what then has their value, or are empty.</summary>
    readonly ref struct LstmRow
    {
        public int Step { get; init; }
        public int Row { get; init; }

        /// <summary>x, [D].</summary>
        public Span<T> Input { get; init; }

        /// <summary>[GH].</summary>
        public Span<T> Gates { get; init; }

        /// <summary>c, [H].</summary>
        public Span<T> CellBefore { get; init; }

        /// <summary>n, [H]; c' itself without zoneout of the cell.</summary>
        public Span<T> NewCell { get; init; }

        /// <summary>c', [H].</summary>
        public Span<T> Cell { get; init; }

        /// <summary>h, [P].</summary>
        public Span<T> HiddenBefore { get; init; }

        /// <summary>m*h, [P]; h itself without recurrent dropout.</summary>
        public Span<T> MaskedHidden { get; init; }

        /// <summary>h~, [H]; without projection h', which zoneout then mixes in place.</summary>
        public Span<T> CellOutput { get; init; }

        /// <summary>h', [P].</summary>
        public Span<T> Hidden { get; init; }

        /// <summary>[GH].</summary>
        public Span<T> InputNormalized { get; init; }

        /// <summary>[GH].</summary>
        public Span<T> RecurrentNormalized { get; init; }

        /// <summary>[H].</summary>
        public Span<T> CellNormalized { get; init; }

        /// <summary>One number.</summary>
        public Span<T> InputInverseDeviation { get; init; }

        /// <summary>One number.</summary>
        public Span<T> RecurrentInverseDeviation { get; init; }

        /// <summary>One number.</summary>
        public Span<T> CellInverseDeviation { get; init; }

        /// <summary>Leaves the state of a row that has ended as it is, and zero elsewhere.</summary>
        public void CarryState()
        {
            Gates.Clear();
            MaskedOrNothing().Clear();
            CellOutput.Clear();
            NewCell.Clear();
            InputNormalized.Clear();
            RecurrentNormalized.Clear();
            CellNormalized.Clear();
            InputInverseDeviation.Clear();
            RecurrentInverseDeviation.Clear();
            CellInverseDeviation.Clear();
            CellBefore.CopyTo(Cell);
            HiddenBefore.CopyTo(Hidden);
        }

        Span<T> MaskedOrNothing() => MaskedHidden == HiddenBefore ? [] : MaskedHidden;
    }
}
