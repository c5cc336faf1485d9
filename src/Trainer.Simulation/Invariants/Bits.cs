using System.Runtime.InteropServices;

namespace LstmCluster.Simulation;

/// <summary>Compares numbers by their bits: a zero of the other sign is another number.</summary>
static class Bits
{
    public static bool AreEqual(ReadOnlySpan<float> one, ReadOnlySpan<float> other) => MemoryMarshal.AsBytes(one).SequenceEqual(MemoryMarshal.AsBytes(other));
}
