using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

public class SafetensorsTests
{
    static readonly TensorData[] s_tensors =
    [
        TensorData.Of("a", new float[] { 1, -2, float.NaN }, 3),
        TensorData.OfBytes("b", TensorType.I64, new byte[16], 2, 1),
        TensorData.OfBytes("c", TensorType.U8, new byte[] { 1, 2, 3, 4 }, 2, 2),
        TensorData.OfBytes("d", TensorType.I32, new byte[] { 1, 0, 0, 0 }),
        TensorData.Of("empty", ReadOnlyMemory<float>.Empty, 0, 5),
    ];

    [Fact]
    public void A_file_has_the_bytes_that_the_format_prescribes()
    {
        var bytes = Written([TensorData.Of("w", new float[] { 1, 2 }, 2, 1)], new Dictionary<string, string> { ["k"] = "v" });

        const string header = """{"__metadata__":{"k":"v"},"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}""";
        var padded = header + new string(' ', (8 - (header.Length % 8)) % 8);
        bytes.ShouldBe([(byte)padded.Length, 0, 0, 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(padded), 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]);
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var metadata = new Dictionary<string, string> { ["z"] = "\u00e9\U0001F600", ["a"] = "" };

        var read = Safetensors.Read(new MemoryStream(Written(s_tensors, metadata)));

        Checkpoints.Shown(read.Tensors).ShouldBe(Checkpoints.Shown(s_tensors));
        read.Metadata.ShouldBe(metadata, ignoreOrder: true);
        read["d"].Int32s[0].ShouldBe(1);
        read["b"].Int64s.Length.ShouldBe(2);
        read["a"].Floats.Span[1].ShouldBe(-2);
    }

    [Fact]
    public void The_hash_is_that_of_all_bytes_after_the_header()
    {
        using var stream = new MemoryStream();
        var hash = Safetensors.Write(stream, s_tensors);
        var bytes = stream.ToArray();
        var data = bytes.AsSpan(8 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes));

        hash.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(data)));
        Safetensors.Read(new MemoryStream(bytes)).DataSha256.ShouldBe(hash);
    }

    [Fact]
    public void Data_begin_at_a_multiple_of_eight_bytes_whatever_the_names() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Gen.Choose(1, 40).ToArbitrary(), length =>
            BinaryPrimitives.ReadInt64LittleEndian(Written([TensorData.Of(new string('n', length), new float[1], 1)])) % 8 == 0));

    [Fact]
    public void A_tensor_larger_than_one_chunk_is_whole()
    {
        var values = Enumerable.Range(0, (Safetensors.ChunkElements * 2) + 3).Select(i => (float)i).ToArray();

        var read = Safetensors.Read(new MemoryStream(Written([TensorData.Of("w", values, values.Length)])));

        read["w"].Floats.Span.SequenceEqual(values).ShouldBeTrue();
    }

    [Fact]
    public void Two_tensors_of_one_name_are_refused_by_the_writer() =>
        Should.Throw<ArgumentException>(() => Written([s_tensors[0], s_tensors[0]]));

    [Fact]
    public void A_shape_that_does_not_fit_the_values_is_refused() =>
        Should.Throw<ArgumentException>(() => TensorData.Of("a", new float[5], 2, 3)).Message.ShouldContain("[2,3]");

    [Fact]
    public void A_missing_tensor_is_named() =>
        Should.Throw<CorruptFileException>(() => Safetensors.Read(new MemoryStream(Written(s_tensors)))["nope"]).Message.ShouldBe("tensor nope is missing");

    [Theory]
    [InlineData("""[]""", 0, "the header is not a JSON object")]
    [InlineData("""{""", 0, "the header is not valid JSON")]
    [InlineData("""{"a":1}""", 0, "tensor a must have exactly")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}}""", 4, "tensor a must have exactly")]
    [InlineData("""{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}""", 4, "tensor a has dtype F16")]
    [InlineData("""{"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}}""", 4, "tensor a has dtype nothing")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "tensor a of shape [2] and type F32 does not fit 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,5]}}""", 5, "tensor a of shape [1] and type F32 does not fit 5 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647,2147483647,2147483647],"data_offsets":[0,4]}}""", 4, "tensor a of shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "tensor a has a shape out of range")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "tensor a has a shape out of range")]
    [InlineData("""{"a":{"dtype":"F32","shape":3,"data_offsets":[0,4]}}""", 4, "tensor a has a shape that is not a list")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "tensor a has data_offsets that are not a range")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}""", 4, "tensor a has data_offsets that are not a range")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1073741824],"data_offsets":[0,4294967296]}}""", 4, "tensor a has a data_offsets out of range")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "a stands twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6, "tensor b begins at 2")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "tensor b begins at 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "the header describes 4 bytes of data, the file has 8")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "metadata a is not one string")]
    [InlineData("""{"__metadata__":[]}""", 0, "the metadata are not a map")]
    public void An_inconsistent_header_is_refused(string header, int dataBytes, string message)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);

        Should.Throw<CorruptFileException>(() => Safetensors.Read(new MemoryStream(file))).Message.ShouldStartWith(message);
    }

    [Theory]
    [InlineData(100_000_001)]
    [InlineData(100_000_000)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    public void A_header_longer_than_the_file_is_not_allocated(long length)
    {
        var file = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(file, length);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Should.Throw<CorruptFileException>(() => Safetensors.Read(new MemoryStream(file))).Message.ShouldContain("is longer than the file");

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000_000);
    }

    [Fact]
    public void Any_damage_to_the_header_or_the_length_is_refused_or_gives_a_consistent_file()
    {
        var good = Written(s_tensors, new Dictionary<string, string> { ["k"] = "v" });

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(
            Gen.Choose(0, good.Length - 1).ToArbitrary(), Gen.Choose(1, 255).ToArbitrary(), Gen.Choose(0, good.Length).ToArbitrary(), (at, mask, length) =>
            {
                var bad = good.ToArray();
                bad[at] ^= (byte)mask;
                try
                {
                    return Safetensors.Read(new MemoryStream(bad[..Math.Max(length, at + 1)])).Tensors.Count <= s_tensors.Length;
                }
                catch (CorruptFileException)
                {
                    return true;
                }
            }));
    }

    static byte[] Written(IReadOnlyList<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, tensors, metadata);
        return stream.ToArray();
    }
}
