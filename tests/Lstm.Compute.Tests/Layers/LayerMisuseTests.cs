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

    /// <summary>Also of parts within parts; a layer that draws none may have any.</summary>
    [Fact]
    public void Two_masks_of_one_stream_are_refused()
    {
        Lstm Masked(uint stream) => new(4, 4, options: new LstmOptions { ZoneoutHidden = 0.1f, MaskStream = stream });
        Refused(() => Model(new Dropout(4, 0.1f, 1), new Gru(4, 4), new Dropout(4, 0.2f, 1))).ShouldContain("stream 1");
        Refused(() => Model(new Residual(Masked(5)), new Dropout(4, 0.1f, 7))).ShouldContain("stream 7");
        Refused(() => Model(Masked(5), new Residual(Masked(6)))).ShouldContain("stream 6");
        Model(new Dropout(4, 0.1f, 1), new Dropout(4, 0f, 1), new Lstm(4, 4, options: new LstmOptions { MaskStream = 1 }), Masked(5), Masked(8), new Dropout(4, 0.1f, 11));
        var target = new Embedding(6, 4);
        Refused(() => new EncoderDecoder(
            null, [new Dropout(4, 0.1f, 3), new Gru(4, 4)], target, [new Gru(4, 4)], new TiedLinear(target),
            new() { StartToken = 0, EndToken = 1, Sampling = new ScheduledSampling(0.1f, 3) })).ShouldContain("stream 3");

        SequenceModel Model(params Layer[] body) => new(body, new Linear(4, 2));
    }

    [Fact]
    public void A_copy_of_a_loss_is_checked_as_the_first_was()
    {
        Refused(() => new CrossEntropy() with { Smoothing = 1.5f }).ShouldContain("0 to 1");
        Refused(() => new Huber() with { Delta = float.NaN }).ShouldContain("positive");
        Refused(() => new ScheduledSampling(0.5f, 0) with { Rate = 2 }).ShouldContain("0 to 1");
    }

    static string Refused(Func<object> create) => Should.Throw<ArgumentException>(create).Message;
}
