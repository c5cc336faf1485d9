namespace LstmCluster.Actors;

/// <summary>What one pair of nodes holds for each other: the smaller of what both allow, the same in both directions.</summary>
/// <param name="WindowMessages">Messages not yet handed over at the receiver.</param>
/// <param name="WindowBytes">Bytes of their frames.</param>
/// <param name="MaxMessageBytes">Largest frame body on the control connection.</param>
/// <param name="MaxPayloadBytes">Largest payload.</param>
readonly record struct Limits(int WindowMessages, int WindowBytes, int MaxMessageBytes, int MaxPayloadBytes)
{
    public bool IsUsable => WindowMessages > 0 && WindowBytes > 0 && MaxMessageBytes >= NetworkOptions.MinMessageBytes && MaxPayloadBytes > 0;

    public static Limits Of(NetworkOptions options) =>
        new(options.WindowMessages, options.WindowBytes, options.MaxMessageBytes, options.MaxPayloadBytes);

    public Limits And(Limits other) => new(
        Math.Min(WindowMessages, other.WindowMessages), Math.Min(WindowBytes, other.WindowBytes),
        Math.Min(MaxMessageBytes, other.MaxMessageBytes), Math.Min(MaxPayloadBytes, other.MaxPayloadBytes));

    public void Write(FrameBuffer buffer)
    {
        buffer.UInt32((uint)WindowMessages);
        buffer.UInt32((uint)WindowBytes);
        buffer.UInt32((uint)MaxMessageBytes);
        buffer.UInt32((uint)MaxPayloadBytes);
    }

    public static Limits Read(ref BodyReader reader) => new(reader.Count(), reader.Count(), reader.Count(), reader.Count());
}
