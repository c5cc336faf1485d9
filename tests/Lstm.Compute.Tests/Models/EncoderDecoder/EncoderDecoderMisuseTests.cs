namespace LstmCluster.Compute.Tests;

public sealed class EncoderDecoderMisuseTests : IDisposable
{
    static readonly EncoderDecoderChoice s_choice = new(["gru"], ["gru"], 4, 4, AttentionKind.Dot) { IsRagged = true, Seed = 2 };

    readonly ReferenceDevice<float> _device = new();
    readonly EncoderDecoderCase _chosen = new(s_choice);
    readonly DeviceBuffer _parameters, _gradient;
    readonly ModelWeights _weights;
    readonly EncoderDecoderRun _run;

    public EncoderDecoderMisuseTests()
    {
        var length = _chosen.Model.Parameters.Length;
        (_parameters, _gradient) = (_device.Allocate(length), _device.Allocate(length));
        _weights = new ModelWeights(_chosen.Model, _device, training: true);
        _weights.Load(_parameters.All);
        _run = new EncoderDecoderRun(_chosen.Model, _device);
    }

    [Fact]
    public void Parts_that_do_not_fit_are_refused()
    {
        Embedding source = new(5, 3), target = new(6, 4);
        Lstm encoder = new(3, 8), decoder = new(4, 8);
        var (head, attention) = (new Linear(8, 6), new Attention(AttentionKind.Dot, 8, 8));
        var options = new EncoderDecoderOptions { StartToken = 0, EndToken = 1 };
        new EncoderDecoder(source, [encoder], target, [decoder], head, options).Parts.Count.ShouldBe(6);

        Refused(() => new EncoderDecoder(source, [new Lstm(2, 8)], target, [decoder], head, options)).ShouldContain("takes 2 features");
        Refused(() => new EncoderDecoder(source, [new Linear(3, 8)], target, [decoder], head, options)).ShouldContain("needs a recurrent layer");
        Refused(() => new EncoderDecoder(source, [encoder], target, [], head, options)).ShouldContain("needs a recurrent layer");
        Refused(() => new EncoderDecoder(source, [encoder], target, [new Gru(4, 8, reverse: true)], head, options)).ShouldContain("run forward");
        Refused(() => new EncoderDecoder(source, [encoder], target, [new Gru(4, 8) { LearnedInitialState = true }], head, options)).ShouldContain("encoder's states");
        Refused(() => new EncoderDecoder(source, [encoder], target, [new Gru(4, 8) { RecomputeSteps = 64 }], head, options)).ShouldContain("keep all steps");
        Refused(() => new EncoderDecoder(source, [encoder], target, [decoder, new Linear(8, 8)], head, options)).ShouldContain("dropout and of recurrent");
        Refused(() => new EncoderDecoder(source, [encoder], target, [decoder], head, options with { InputFeeding = true })).ShouldContain("needs an attention");
        Refused(() => new EncoderDecoder(source, [encoder], target, [decoder], head, options with { Attention = attention, InputFeeding = true })).ShouldContain("takes 4 features");
        Refused(() => new EncoderDecoder(source, [encoder], target, [decoder], head, options with { Attention = new(AttentionKind.General, 7, 8) })).ShouldContain("takes 7 and 8");
        Refused(() => new EncoderDecoder(source, [encoder], target, [decoder], new Linear(7, 6), options)).ShouldContain("head takes 7");
        Refused(() => new EncoderDecoder(source, [encoder], target, [decoder], new Linear(8, 5), options)).ShouldContain("5 classes");
        Refused(() => new EncoderDecoder(source, [encoder], target, [new Lstm(4, 4)], new TiedLinear(new Embedding(6, 4)), options)).ShouldContain("target embedding only");
        Refused(() => new EncoderDecoder(source, [encoder], target, [decoder], head, options with { StartToken = 6 })).ShouldContain("0..5");
        Refused(() => new EncoderDecoder(source, [encoder], target, [decoder], head, options with { EndToken = -1 })).ShouldContain("0..5");
        Refused(() => new Attention(AttentionKind.Dot, 7, 8)).ShouldContain("one size");
        Refused(() => new Attention(AttentionKind.General, 7, 8, units: 5)).ShouldContain("not in 5");
        Refused(() => new Attention(AttentionKind.Additive, 7, 8, units: -1)).ShouldContain("positive");
    }

    [Fact]
    public void Batches_that_do_not_fit_are_refused()
    {
        var pair = _chosen.Pair(0) with { Shape = _chosen.Source, Tokens = _chosen.Tokens, Lengths = [], TargetSteps = _chosen.Target.Steps, Classes = _chosen.Classes, Shards = _chosen.Shards };
        _run.Load(pair.Batch);
        Should.Throw<ArgumentException>(() => _run.Load((pair with { TargetSteps = 0, Classes = [] }).Batch)).Message.ShouldContain("target step");
        Should.Throw<ArgumentException>(() => _run.Load((pair with { TargetSteps = 3 }).Batch));
        Should.Throw<ArgumentException>(() => _run.Load((pair with { Tokens = pair.Tokens[1..] }).Batch));
        Should.Throw<ArgumentException>(() => _run.Load((pair with { Tokens = [], Features = new float[_chosen.Source.Positions * 3] }).Batch));
        Should.Throw<ArgumentOutOfRangeException>(() => _run.Load((pair with { Classes = [.. pair.Classes[1..], EncoderDecoderCase.TargetVocabulary] }).Batch));
        Should.Throw<ArgumentOutOfRangeException>(() => _run.Load((pair with { Tokens = [.. pair.Tokens[1..], 99] }).Batch));
    }

    [Fact]
    public void Calls_out_of_order_are_refused()
    {
        Should.Throw<InvalidOperationException>(() => _run.LossShape);
        Should.Throw<InvalidOperationException>(() => _run.Forward(_weights, training: true));
        _run.Load(_chosen.Batch);
        Should.Throw<InvalidOperationException>(() => _run.ReadAttention([]));
        Should.Throw<InvalidOperationException>(() => _run.Losses(new float[_chosen.Target.Positions]));
        _run.Forward(_weights, training: true);
        Should.Throw<InvalidOperationException>(Backward);
        _run.Losses(new float[_chosen.Target.Positions]);
        Backward();
        Should.Throw<InvalidOperationException>(Backward);
    }

    [Fact]
    public void A_run_tells_its_loss_positions_its_targets_and_that_it_carries_nothing()
    {
        _run.Load(_chosen.Batch);
        _run.LossShape.ShouldBe(_chosen.Target);
        _run.CountTargets(new(1, 3)).ShouldBe(_chosen.Classes.Index().Count(one => one.Item >= 0 && one.Index % _chosen.Target.Rows is >= 1 and <= 3));
        _chosen.Model.StateSize.ShouldBe(0);
        _run.WriteState(0, []);
        _run.Forward(_weights, training: false);
        _run.ReadState(0, []);
    }

    [Fact]
    public void A_trace_shows_the_LSTMs_on_both_sides_and_no_other_models()
    {
        var chosen = new EncoderDecoderCase(new(["lstm2"], ["lstm"], 3, 5, null));
        using var operands = new Operands(_device, Placement.BetweenNotNumbers);
        using var weights = new ModelWeights(chosen.Model, _device, training: false);
        using var run = new EncoderDecoderRun(chosen.Model, _device);
        weights.Load(operands.Numbers("parameters", chosen.Parameters));
        run.Load(chosen.Batch);
        run.Forward(weights, training: false);
        var (encoder, decoder) = ((Bidirectional)chosen.Model.Encoder[0], (Lstm)chosen.Model.Decoder[0]);
        run.Trace((Lstm)encoder.Backward).Shape.ShouldBe(chosen.Source);
        run.Trace(decoder).Shape.ShouldBe(chosen.Target);
        Should.Throw<ArgumentException>(() => run.Trace(new Lstm(3, 5)));
    }

    [Fact]
    public void A_longer_batch_after_a_shorter_one_and_a_shorter_one_again_give_what_each_gives_alone()
    {
        var longer = new EncoderDecoderCase(s_choice with { SourceSteps = 9, TargetSteps = 11, ShardRows = [3, 4] });
        float[] first = Outputs(_chosen.Batch), second = Outputs(longer.Batch);
        second.Length.ShouldBe(longer.Target.Positions * 6);
        Outputs(_chosen.Batch).ShouldBe(first);
        Outputs(longer.Batch).ShouldBe(second);

        float[] Outputs(Batch batch)
        {
            _device.Write(_parameters.All, Array.ConvertAll(_chosen.Parameters, value => (float)value));
            _weights.Load(_parameters.All);
            _run.Load(batch);
            _run.Forward(_weights, training: true);
            var outputs = new float[_run.LossShape.Positions * _chosen.Model.Classes];
            _run.ReadOutputs(outputs);
            return outputs;
        }
    }

    public void Dispose()
    {
        _run.Dispose();
        _weights.Dispose();
        _gradient.Dispose();
        _parameters.Dispose();
        _device.Dispose();
    }

    static string Refused(Func<object> create) => Should.Throw<ArgumentException>(() => create()).Message;

    void Backward() => _run.Backward(_weights, [new GradientTarget(new ShardRange(0, _chosen.Shards.Length), _gradient.All)]);
}
