using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace LstmCluster.Compute.Tests;

public class OrthogonalInitializerTests
{
    public static TheoryData<int, int> Extents => new()
    {
        { 1, 1 }, { 1, 7 }, { 7, 1 }, { 3, 3 }, { 8, 8 }, { 17, 17 }, { 33, 33 }, { 100, 100 }, { 31, 9 }, { 9, 31 }, { 64, 100 },
    };

    [Theory]
    [MemberData(nameof(Extents))]
    public void Each_gates_block_has_orthonormal_columns_or_rows(int rows, int columns)
    {
        const int gates = 4;
        var tensor = Filled(rows, columns, gates, seed: 5);
        for (var gate = 0; gate < gates; gate++)
        {
            var block = tensor.AsSpan(gate * rows * columns, rows * columns).ToArray();
            var (vectors, length) = (Math.Min(rows, columns), Math.Max(rows, columns));
            for (var a = 0; a < vectors; a++)
            {
                for (var b = 0; b <= a; b++)
                {
                    var product = Enumerable.Range(0, length).Sum(k => Element(a, k) * Element(b, k));
                    product.ShouldBe(a == b ? 1 : 0, 1e-6, $"gate {gate}, vectors {a} and {b}");
                }
            }

            double Element(int vector, int index) => rows < columns ? block[(vector * columns) + index] : block[(index * columns) + vector];
        }
    }

    [Fact]
    public void Blocks_differ_from_each_other_and_from_those_of_another_seed()
    {
        var tensor = Filled(6, 6, gates: 4, seed: 5);
        tensor.Chunk(36).Select(block => block[0]).ShouldBeUnique();
        Filled(6, 6, gates: 4, seed: 6).ShouldNotBe(tensor);
        Filled(6, 6, gates: 4, seed: 5).ShouldBe(tensor);
    }

    /// <summary>Without the signs of R the determinant and the diagonal would be one-sided.</summary>
    [Fact]
    public void Draws_favour_no_direction()
    {
        const int draws = 2000;
        double first = 0, last = 0, determinant = 0;
        for (var seed = 0; seed < draws; seed++)
        {
            var q = Filled(2, 2, gates: 1, (ulong)seed);
            first += q[0];
            last += q[3];
            determinant += (q[0] * q[3]) - (q[1] * q[2]);
        }

        // Standard errors: an element's deviation is sqrt(1/2), a determinant's 1.
        var allowed = 5 / Math.Sqrt(draws);
        (first / draws).ShouldBe(0, allowed * Math.Sqrt(0.5));
        (last / draws).ShouldBe(0, allowed * Math.Sqrt(0.5));
        (determinant / draws).ShouldBe(0, allowed);
    }

    /// <summary>Written down once; every processor must find them again.</summary>
    [Fact]
    public void Numbers_are_the_same_on_every_machine() =>
        Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(Filled(100, 75, gates: 4, seed: 1).AsSpan()))).ShouldBe(
            "d59202bfcabe855a29a195e082a0544171d52067ca63ee64337439cae280e60d");

    [Fact]
    public void A_target_that_is_no_number_of_blocks_is_refused() =>
        Should.Throw<ArgumentException>(() => new OrthogonalInitializer(3, 4).Fill(new float[13], default));

    static float[] Filled(int rows, int columns, int gates, ulong seed)
    {
        var target = new float[gates * rows * columns];
        new OrthogonalInitializer(rows, columns).Fill(target, new RandomSequence(seed, 2));
        return target;
    }
}
