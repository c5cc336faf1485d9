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
                    var word = mask.Word((uint)(((mask.FirstStep + t) * width) + unit), shard: (uint)keys[2 * n], row: (uint)keys[(2 * n) + 1]);
                    target[index] = word >= mask.Threshold ? source[index] * scale : T.Zero;
                }
            }
        }
    }
}
