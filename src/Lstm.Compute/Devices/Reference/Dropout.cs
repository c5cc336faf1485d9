namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void Dropout(in DropoutMask mask, BatchShape shape, DeviceIndices rowKeys, int width, DeviceSpan input, DeviceSpan output)
    {
        var keys = WholeNumbers(rowKeys, 2 * shape.Rows);
        var source = Numbers(input, shape.Positions * width);
        var target = Numbers(output, shape.Positions * width);
        var scale = Number(mask.KeptScale);
        for (var t = 0; t < shape.Steps; t++)
        {
            for (var n = 0; n < shape.Rows; n++)
            {
                for (var unit = 0; unit < width; unit++)
                {
                    var index = (((t * shape.Rows) + n) * width) + unit;
                    var word = Word(mask, (uint)(((mask.FirstStep + t) * width) + unit), shard: (uint)keys[2 * n], row: (uint)keys[(2 * n) + 1]);
                    target[index] = word >= mask.Threshold ? source[index] * scale : T.Zero;
                }
            }
        }
    }

    /// <summary>The random word of one element, as <see cref="DropoutMask"/> defines it.</summary>
    static uint Word(in DropoutMask mask, uint element, uint shard, uint row)
    {
        var (x0, x1, x2, x3) = (element / 4, row, shard, mask.Stream);
        Philox.Block(mask.Key, ref x0, ref x1, ref x2, ref x3);
        return (element % 4) switch { 0 => x0, 1 => x1, 2 => x2, _ => x3 };
    }
}
