namespace LstmCluster.Compute.Tests;

public class PhiloxTests
{
    /// <summary>Known answers of the authors' Random123 library, file kat_vectors, philox 4x32 with 10 rounds.</summary>
    [Theory]
    [InlineData(new uint[] { 0, 0, 0, 0 }, 0ul, new[] { 0x6627E8D5u, 0xE169C58Du, 0xBC57AC4Cu, 0x9B00DBD8u })]
    [InlineData(
        new[] { 0xFFFFFFFFu, 0xFFFFFFFFu, 0xFFFFFFFFu, 0xFFFFFFFFu }, 0xFFFFFFFF_FFFFFFFFul,
        new[] { 0x408F276Du, 0x41C83B0Eu, 0xA20BC7C6u, 0x6D5451FDu })]
    [InlineData(
        new[] { 0x243F6A88u, 0x85A308D3u, 0x13198A2Eu, 0x03707344u }, 0x299F31D0_A4093822ul,
        new[] { 0xD16CFE09u, 0x94FDCCEBu, 0x5001E420u, 0x24126EA1u })]
    public void A_block_has_the_published_words(uint[] counter, ulong key, uint[] words)
    {
        Philox.Block(key, ref counter[0], ref counter[1], ref counter[2], ref counter[3]);

        counter.ShouldBe(words);
    }

    /// <summary>SplitMix64 of seed 0 yields 0xE220A8397B1DCDAF first (Vigna); the key of step 0 mixes that once more.</summary>
    [Fact]
    public void A_key_is_the_mixed_seed_plus_the_step_mixed_again()
    {
        const ulong mixedSeed = 0xE220A8397B1DCDAF;

        Philox.KeyOf(seed: 0, step: unchecked((long)(0 - mixedSeed))).ShouldBe(mixedSeed);
    }

    [Fact]
    public void Neighbouring_seeds_and_steps_have_different_keys()
    {
        var keys = from seed in Enumerable.Range(0, 100) from step in Enumerable.Range(0, 100) select Philox.KeyOf((ulong)seed, step);

        keys.Distinct().Count().ShouldBe(100 * 100);
    }
}
