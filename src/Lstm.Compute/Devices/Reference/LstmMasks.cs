namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <summary>The random masks of one LSTM layer over one batch.</summary>
    readonly ref struct LstmMasks
    {
        readonly LstmShape _shape;
        readonly RecurrentPass _pass;
        readonly ReadOnlySpan<int> _rowKeys;

        public LstmMasks(in LstmShape shape, in RecurrentPass pass)
        {
            (_shape, _pass) = (shape, pass);
            var options = shape.Options;
            if (pass.Training && (options.RecurrentDropout > 0 || options.ZoneoutHidden > 0 || options.ZoneoutCell > 0))
                _rowKeys = WholeNumbers(pass.RowKeys!, 2 * shape.Rows);
        }

        /// <summary>Factor of a feature of h before the recurrent product; one mask for all time steps.</summary>
        public T Dropout(int row, int feature)
        {
            var mask = new DropoutMask(_shape.Options.RecurrentDropout, _pass.MaskKey, _shape.Options.MaskStream);
            if (!_pass.Training || mask.Rate == 0)
                return T.One;
            return IsBelow(mask, (uint)feature, row) ? T.Zero : Number(mask.KeptScale);
        }

        /// <summary>Share of the old value in a feature of h: 0 or 1 in training, else the rate.</summary>
        public T OldHidden(int step, int row, int feature) =>
            Old(_shape.Options.ZoneoutHidden, _shape.Options.MaskStream + 1, (uint)(((_pass.FirstStep + step) * _shape.Outputs) + feature), row);

        /// <summary>Share of the old value in a unit's cell: 0 or 1 in training, else the rate.</summary>
        public T OldCell(int step, int row, int unit) =>
            Old(_shape.Options.ZoneoutCell, _shape.Options.MaskStream + 2, (uint)(((_pass.FirstStep + step) * _shape.Units) + unit), row);

        T Old(float rate, uint stream, uint element, int row)
        {
            if (!_pass.Training || rate == 0)
                return Number(rate);
            return IsBelow(new(rate, _pass.MaskKey, stream), element, row) ? T.One : T.Zero;
        }

        bool IsBelow(in DropoutMask mask, uint element, int row) =>
            mask.Word(element, shard: (uint)_rowKeys[2 * row], row: (uint)_rowKeys[(2 * row) + 1]) < mask.Threshold;
    }

    /// <summary>Zoneout of one element (Krueger et al. 2017).</summary>
    static T Mixed(T oldShare, T old, T updated) => (oldShare * old) + ((T.One - oldShare) * updated);
}
