// Philox 4x32-10 (Salmon et al., SC11), as Randomness/Philox.cs has it, and the words of dropout masks.

// The word of one element of a mask: lane e mod 4 of the block with counter (e div 4, row, shard, stream).
static uint philox_word(const uint key_low, const uint key_high, const uint stream, const uint shard, const uint row, const ulong element)
{
    uint x0 = (uint)(element / 4), x1 = row, x2 = shard, x3 = stream, k0 = key_low, k1 = key_high;
    for (int round = 0; round < 10; round++)
    {
        const ulong p0 = (ulong)0xD2511F53u * x0;
        const ulong p1 = (ulong)0xCD9E8D57u * x2;
        const uint y0 = (uint)(p1 >> 32) ^ x1 ^ k0;
        const uint y2 = (uint)(p0 >> 32) ^ x3 ^ k1;
        x1 = (uint)p1;
        x3 = (uint)p0;
        x0 = y0;
        x2 = y2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }

    const uint lane = (uint)(element % 4);
    return lane == 0 ? x0 : lane == 1 ? x1 : lane == 2 ? x2 : x3;
}
