namespace Cluster.Support;

/// <summary>Wrong bytes of all kinds, drawn from a seed.</summary>
public static class Mutations
{
    /// <summary>A few of: a bit flipped, a byte set, bytes cut out, repeated, put in, the rest cut off.</summary>
    public static byte[] Mutate(byte[] bytes, Random random)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(random);
        var result = new List<byte>(bytes);
        for (var left = random.Next(1, 4); left > 0 && result.Count > 0; left--)
        {
            var at = random.Next(result.Count);
            var count = Math.Min(random.Next(1, 40), result.Count - at);
            switch (random.Next(7))
            {
                case 0:
                    result[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    result[at] = (byte)random.Next(256);
                    break;
                case 2:
                    result.RemoveRange(at, count);
                    break;
                case 3:
                    result.InsertRange(at, result.GetRange(at, count));
                    break;
                case 4:
                    var noise = new byte[count];
                    random.NextBytes(noise);
                    result.InsertRange(at, noise);
                    break;
                case 5:
                    result.RemoveRange(at, result.Count - at);
                    break;
                case 6:
                    // Where a length is, the most unpleasant ones.
                    foreach (var i in Enumerable.Range(at, Math.Min(4, result.Count - at))) result[i] = random.Next(2) == 0 ? (byte)0xFF : (byte)0x7F;
                    break;
            }
        }

        return [.. result];
    }
}
