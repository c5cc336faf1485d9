using LstmCluster.Actors;

namespace Cluster.Tests;

/// <summary>A frame as it was seen on a connection.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="Body">What follows its header.</param>
sealed record RecordedFrame(FrameKind Kind, byte[] Body)
{
    /// <summary>The frame under a number, with right checksums.</summary>
    public byte[] ToBytes(ulong number) => ToBytes(Kind, number, Body);

    /// <summary>The same with another body, again with right checksums.</summary>
    public byte[] ToBytes(ulong number, byte[] body) => ToBytes(Kind, number, body);

    /// <summary>A frame.</summary>
    public static byte[] ToBytes(FrameKind kind, ulong number, byte[] body)
    {
        var buffer = new FrameBuffer();
        var start = buffer.BeginFrame();
        buffer.Block(body);
        buffer.EndFrame(start, kind, number);
        return buffer.Written.ToArray();
    }

    /// <summary>Cuts what one side said into its whole frames.</summary>
    public static IReadOnlyList<RecordedFrame> Of(byte[] bytes)
    {
        var frames = new List<RecordedFrame>();
        for (var at = 0; at + FrameHeader.Bytes <= bytes.Length;)
        {
            var length = BitConverter.ToInt32(bytes, at + 8);
            var end = at + FrameHeader.Bytes + length;
            if (end > bytes.Length) break;
            frames.Add(new RecordedFrame((FrameKind)bytes[at + 5], bytes[(at + FrameHeader.Bytes)..end]));
            at = end;
        }

        return frames;
    }
}
