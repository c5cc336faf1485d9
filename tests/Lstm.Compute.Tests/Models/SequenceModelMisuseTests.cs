using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

public sealed class SequenceModelMisuseTests : IDisposable
{
    readonly CpuDevice _device = CpuDevice.Create();
    readonly SequenceModel _regressor = new([new Gru(3, 4)], new Linear(4, 2), loss: new SquaredError());
    readonly SequenceModel _classifier = new([new Gru(3, 4)], new Linear(4, 2), Pooling.Mean);

    [Fact]
    public void Parts_that_do_not_fit_together_are_refused_by_their_place()
    {
        Refused(() => new SequenceModel([new Gru(3, 4), new Gru(5, 4)], new Linear(4, 2))).ShouldContain("body[1] takes 5 features");
        Refused(() => new SequenceModel([new Gru(3, 4)], new Linear(5, 2))).ShouldContain("the head takes 5 features");
        var (own, other) = (new Embedding(5, 4), new Embedding(5, 4));
        Refused(() => new SequenceModel(own, [new Gru(4, 4)], new TiedLinear(other))).ShouldContain("tied");
        Refused(() => new SequenceModel([new Gru(4, 4)], new TiedLinear(other))).ShouldContain("tied");
        Refused(() => new SequenceModel(own, [new Gru(4, 3)], new TiedLinear(own))).ShouldContain("the head takes 4 features");
        Refused(() => new SequenceModel([new Gru(3, 4)], new Linear(4, 2), (Pooling)9)).ShouldContain("no pooling");
    }

    [Fact]
    public void A_tied_head_has_a_bias_alone()
    {
        var embedding = new Embedding(5, 4);
        new SequenceModel(embedding, [new Rnn(4, 4)], new TiedLinear(embedding)).Parameters.Parameters.Select(parameter => parameter.Name)
            .ShouldBe(["embedding.weight", "layers.0.weight_ih_l0", "layers.0.weight_hh_l0", "layers.0.bias_ih_l0", "head.bias"]);
    }

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1.1f)]
    [InlineData(float.NaN)]
    public void A_smoothing_outside_of_0_to_1_is_refused(float smoothing) => Should.Throw<ArgumentOutOfRangeException>(() => new CrossEntropy(smoothing));

    [Theory]
    [InlineData(0f)]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_delta_that_is_not_positive_is_refused(float delta) => Should.Throw<ArgumentOutOfRangeException>(() => new Huber(delta));

    [Fact]
    public void Inputs_and_targets_of_another_kind_of_model_are_refused()
    {
        var features = new float[6];
        Load(_regressor, new Batch { Shape = new(2, 1), Tokens = [1, 2] }).ShouldContain("features, not tokens");
        Load(_regressor, new Batch { Shape = new(2, 1), Features = features, Classes = [1, 1] }).ShouldContain("values, not classes");
        Load(_classifier, new Batch { Shape = new(2, 1), Features = features, Values = [1, 1] }).ShouldContain("classes, not values");
        Load(SequenceModel.LanguageModel(5, 3, [4]), new Batch { Shape = new(2, 1), Tokens = [1, 2], Features = features }).ShouldContain("tokens, not features");
    }

    [Fact]
    public void What_does_not_fill_the_batch_is_refused()
    {
        var features = new float[6];
        Load(_regressor, new Batch { Shape = new(2, 1), Features = new float[5] }).ShouldContain("5 numbers");
        Load(_regressor, new Batch { Shape = new(2, 1), Features = features, Values = new float[3] }).ShouldContain("3 values");
        Load(_classifier, new Batch { Shape = new(2, 1), Features = features, Classes = [1, 1] }).ShouldContain("2 targets");
        Load(_regressor, new Batch { Shape = new(2, 1), Features = features, Lengths = [1, 1] }).ShouldContain("2 lengths");
        Load(_regressor, new Batch { Shape = new(2, 1), Features = features, Lengths = [3] }).ShouldContain("0..2");
        Load(_regressor, new Batch { Shape = new(2, 1), Features = features, Lengths = [-1] }).ShouldContain("0..2");
        Load(_regressor, new Batch { Shape = new(0, 1) }).ShouldContain("empty");
    }

    [Fact]
    public void Values_that_the_loss_does_not_take_are_refused_and_those_of_a_position_that_are_all_NaN_ignored()
    {
        var features = new float[6];
        Load(_regressor, new Batch { Shape = new(2, 1), Features = features, Values = [1, float.NaN, 1, 1] }).ShouldContain("NaN");
        Load(_regressor, new Batch { Shape = new(2, 1), Features = features, Values = [1, float.PositiveInfinity, 1, 1] }).ShouldContain("value");
        var binary = new SequenceModel([new Gru(3, 4)], new Linear(4, 2), loss: new BinaryCrossEntropy());
        Load(binary, new Batch { Shape = new(2, 1), Features = features, Values = [0, 1, 1, 1.5f] }).ShouldContain("from 0 to 1");

        using var network = new Network(_regressor, seed: 1, _device);
        var whole = network.Evaluate(new Batch { Shape = new(2, 1), Features = features, Values = [1, 2, 3, 4] });
        var part = network.Evaluate(new Batch { Shape = new(2, 1), Features = features, Values = [1, 2, float.NaN, float.NaN] });
        (whole.Targets, part.Targets).ShouldBe((4, 2));
        part.Loss.ShouldBeInRange(double.Epsilon, whole.Loss);
    }

    public void Dispose() => _device.Dispose();

    static string Refused(Func<object> action) => Should.Throw<ArgumentException>(action).Message;

    string Load(SequenceModel model, Batch batch)
    {
        using var run = new SequenceRun(model, _device);
        try
        {
            run.Load(batch);
        }
        catch (ArgumentException refusal)
        {
            return refusal.Message;
        }

        return "";
    }
}
