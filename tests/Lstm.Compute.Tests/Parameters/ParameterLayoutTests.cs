using LstmCluster.Compute;

namespace Lstm.Compute.Tests.Parameters;

public class ParameterLayoutTests
{
    static readonly SequenceModel s_model = SequenceModel.LanguageModel(vocabulary: 11, embedding: 5, units: [7, 6], dropout: 0.1f);

    [Fact]
    public void Tensors_are_named_and_shaped_as_PyTorch_has_them() =>
        s_model.Parameters.Parameters.Select(parameter => $"{parameter.Name} [{string.Join(',', parameter.Shape)}]").ShouldBe([
            "embedding.weight [11,5]",
            "layers.0.weight_ih_l0 [28,5]", "layers.0.weight_hh_l0 [28,7]", "layers.0.bias_ih_l0 [28]",
            "layers.1.weight_ih_l0 [24,7]", "layers.1.weight_hh_l0 [24,6]", "layers.1.bias_ih_l0 [24]",
            "head.weight [11,6]", "head.bias [11]",
        ]);

    [Fact]
    public void Tensors_lie_one_after_the_other_without_gaps()
    {
        var end = 0;
        foreach (var parameter in s_model.Parameters.Parameters)
        {
            parameter.Offset.ShouldBe(end);
            parameter.Length.ShouldBe(parameter.Shape.Aggregate(1, (product, extent) => product * extent));
            s_model.Parameters[parameter.Name].ShouldBeSameAs(parameter);
            end += parameter.Length;
        }

        s_model.Parameters.Length.ShouldBe(end);
    }

    [Fact]
    public void A_name_that_no_tensor_has_is_refused() => Should.Throw<KeyNotFoundException>(() => s_model.Parameters["layers.2.weight_ih_l0"]);

    [Fact]
    public void Initial_weights_are_a_pure_function_of_the_seed()
    {
        Initial(s_model, 3).ShouldBe(Initial(s_model, 3));
        Initial(s_model, 4).ShouldNotBe(Initial(s_model, 3));
    }

    [Fact]
    public void A_tensor_starts_from_the_same_numbers_whatever_comes_after_it()
    {
        var deeper = SequenceModel.LanguageModel(vocabulary: 11, embedding: 5, units: [7, 6, 9]);
        var shared = s_model.Parameters["head.weight"].Offset;
        Initial(deeper, 3)[..shared].ShouldBe(Initial(s_model, 3)[..shared]);
    }

    [Fact]
    public void No_two_tensors_start_from_the_same_numbers()
    {
        var layout = SequenceModel.LanguageModel(vocabulary: 6, embedding: 6, units: [6, 6]).Parameters;
        var vector = new float[layout.Length];
        layout.Initialize(1, vector);
        layout.Parameters.Select(parameter => vector[parameter.Offset]).ShouldBeUnique();
    }

    [Fact]
    public void A_vector_of_another_length_is_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => s_model.Parameters.Initialize(1, new float[s_model.Parameters.Length + 1]));

    [Fact]
    public void Layers_that_do_not_fit_together_are_refused_by_their_place() =>
        Should.Throw<ArgumentException>(() => new SequenceModel(new Embedding(4, 5), [new LstmCluster.Compute.Lstm(6, 7)], new Linear(7, 4)))
            .Message.ShouldStartWith("body[0] takes 6 features, but before it are 5");

    static float[] Initial(SequenceModel model, ulong seed)
    {
        var vector = new float[model.Parameters.Length];
        model.Parameters.Initialize(seed, vector);
        return vector;
    }
}
