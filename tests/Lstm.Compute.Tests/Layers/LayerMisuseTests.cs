namespace LstmCluster.Compute.Tests;

public sealed class LayerMisuseTests
{
    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1f)]
    [InlineData(float.NaN)]
    public void A_rate_outside_of_its_range_is_refused(float rate)
    {
        Refused(() => new LstmOptions { RecurrentDropout = rate }).ShouldContain("[0,1)");
        Refused(() => new LstmOptions { ZoneoutHidden = rate }).ShouldContain("[0,1)");
        Refused(() => LstmOptions.Plain with { ZoneoutCell = rate }).ShouldContain("[0,1)");
    }

    [Fact]
    public void A_negative_projection_or_limit_is_refused_and_not_taken_for_none()
    {
        Refused(() => new LstmOptions { Projection = -1 }).ShouldContain("positive");
        Refused(() => new LstmOptions { CellClip = -1 }).ShouldContain("positive");
        Refused(() => new LstmOptions { CellClip = float.NaN }).ShouldContain("positive");
    }

    [Fact]
    public void Units_that_are_not_positive_are_refused_also_behind_a_projection()
    {
        Refused(() => new Lstm(3, 0, options: new LstmOptions { Projection = 2 })).ShouldContain("positive");
        Refused(() => new Gru(3, -1)).ShouldContain("positive");
    }

    [Fact]
    public void An_embedding_is_no_layer_of_a_body()
    {
        Refused(() => new SequenceModel([new Embedding(5, 3), new Gru(3, 4)], new Linear(4, 2))).ShouldContain("body[0] takes tokens");
        var target = new Embedding(6, 4);
        Refused(() => new EncoderDecoder(null, [new Embedding(5, 3), new Gru(3, 4)], target, [new Gru(4, 4)], new TiedLinear(target), new() { StartToken = 0, EndToken = 1 }))
            .ShouldContain("encoder layer 0 takes tokens");
    }

    [Fact]
    public void An_attention_of_no_kind_is_refused() => Refused(() => new Attention((AttentionKind)9, 4, 4)).ShouldContain("no attention");

    static string Refused(Func<object> create) => Should.Throw<ArgumentException>(create).Message;
}
