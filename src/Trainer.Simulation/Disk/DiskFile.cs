namespace LstmCluster.Simulation;

/// <summary>The bytes of a file as programs see them, and as the disk has them.</summary>
sealed class DiskFile
{
    const int SectorBytes = 64;

    public byte[] Now { get; set; } = [];

    public byte[] Disk { get; set; } = [];

    /// <summary>What is left after a crash.</summary>
    /// <param name="random">Draws what of the rest has reached the disk; null for nothing.</param>
    public DiskFile OnDisk(Random? random)
    {
        var kept = random is null || Now == Disk ? Disk : Torn(random);
        return new DiskFile { Now = kept, Disk = kept };
    }

    public DiskFile Copy() => new() { Now = Now, Disk = Disk };

    /// <summary>A length between the two, and each sector either new, old or never written.</summary>
    byte[] Torn(Random random)
    {
        var torn = new byte[random.Next(Math.Min(Now.Length, Disk.Length), Math.Max(Now.Length, Disk.Length) + 1)];
        for (var at = 0; at < torn.Length; at += SectorBytes)
        {
            var from = random.Next(3) switch { 0 => Disk, 1 => [], _ => Now };
            var count = Math.Min(Math.Min(SectorBytes, torn.Length - at), from.Length - at);
            if (count > 0) Array.Copy(from, at, torn, at, count);
        }

        return torn;
    }
}
