using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

/// <summary>
/// Any model that the library can build, drawn at random: its gradients are derivatives, the Cpu device agrees with the reference, and the bits depend neither on the vector
/// width nor on who computes which shard, and no kernel leaves its memory.
/// </summary>
/// <remarks>
/// <c>LSTM_CLUSTER_DRAWS</c> sets how many models each test draws. A failure names the simplest model that it was narrowed down to and the numbers of the draw;
/// <c>LSTM_CLUSTER_REPLAY=seed,gamma,size</c> draws that one again.
/// </remarks>
public class RandomModelTests
{
    const int Draws = 40;

    // Twice what a cell moves under the difference's larger steps; smaller ones follow where it moves more.
    const double Margin = 1e-3;

    // Of a tensor; the others are checked together.
    const int Elements = 5;

    [Fact]
    public void Every_gradient_of_any_sequence_model_is_the_derivative() => CheckGradients(SequenceChoices.Any, choice => choice.Simpler());

    [Fact]
    public void Every_gradient_of_any_encoder_decoder_is_the_derivative() => CheckGradients(TranslationChoices.Any, choice => choice.Simpler());

    [Fact]
    public void Any_sequence_model_on_the_cpu_agrees_with_the_reference() =>
        ForAll(SequenceChoices.Any.Where(IsWellConditioned), choice => choice.Simpler().Where(IsWellConditioned), ModelExactness.CpuShouldAgreeWithTheReference);

    [Fact]
    public void Any_encoder_decoder_on_the_cpu_agrees_with_the_reference() =>
        ForAll(TranslationChoices.Any.Where(IsWellConditioned), choice => choice.Simpler().Where(IsWellConditioned), ModelExactness.CpuShouldAgreeWithTheReference);

    [Fact]
    public void Any_sequence_model_has_the_same_bits_in_every_width() =>
        ForAll(SequenceChoices.Any, choice => choice.Simpler(), ModelExactness.EveryWidthShouldHaveTheSameBits);

    [Fact]
    public void Any_encoder_decoder_has_the_same_bits_in_every_width() =>
        ForAll(TranslationChoices.Any, choice => choice.Simpler(), ModelExactness.EveryWidthShouldHaveTheSameBits);

    [Fact]
    public void Any_sequence_model_has_the_same_bits_for_any_spread_of_shards() =>
        ForAll(SequenceChoices.Any, choice => choice.Simpler(), sample => ModelExactness.ASpreadOfShardsShouldHaveTheSameBits(sample, sample.Parameters.Length));

    [Fact]
    public void Any_encoder_decoder_has_the_same_bits_for_any_spread_of_shards() =>
        ForAll(TranslationChoices.Any, choice => choice.Simpler(), sample => ModelExactness.ASpreadOfShardsShouldHaveTheSameBits(sample, sample.Parameters.Length));

    [Fact]
    public void So_it_is_where_gradients_are_rounded_on_their_way()
    {
        ForAll(SequenceChoices.Any, choice => choice.Simpler(), sample => ModelExactness.ASpreadOfShardsShouldHaveTheSameBits(sample, sample.Parameters.Length, GradientPrecision.Bf16));
        ForAll(TranslationChoices.Any, choice => choice.Simpler(), sample => ModelExactness.ASpreadOfShardsShouldHaveTheSameBits(sample, sample.Parameters.Length, GradientPrecision.Bf16));
    }

    /// <summary>A process that ends names no draw, so these are always the same ones.</summary>
    [Theory]
    [InlineData(Placement.AfterGuardPage)]
    [InlineData(Placement.BeforeGuardPage)]
    public void No_kernel_of_any_model_touches_what_lies_beside_its_memory(Placement placement)
    {
        var same = Configuration.WithReplay(0x5EED, 0x9E3779B97F4A7C15);
        Prop.ForAll(SequenceChoices.Any.ToArbitrary(), choice => ModelExactness.NoKernelShouldLeaveItsMemory(choice.Sample(), placement)).Check(same);
        Prop.ForAll(TranslationChoices.Any.ToArbitrary(), choice => ModelExactness.NoKernelShouldLeaveItsMemory(choice.Sample(), placement)).Check(same);
    }

    static void CheckGradients<T>(Gen<T> choices, Func<T, IEnumerable<T>> simpler)
        where T : IModelChoice
    {
        var (compared, tooSharp) = (0, 0);
        ForAll(choices.Where(choice => IsSmooth(choice)), choice => simpler(choice).Where(simpler => IsSmooth(simpler)), sample =>
        {
            var slopes = ModelExactness.GradientsShouldBeDerivatives(sample, Elements);
            (compared, tooSharp) = (compared + slopes.Compared, tooSharp + slopes.TooSharp);
        });
        tooSharp.ShouldBeLessThan((compared / 10) + 1);
    }

    static bool IsSmooth(IModelChoice choice) => choice.DistanceFromEdges() > Margin;

    static bool IsWellConditioned(IModelChoice choice) => IsSmooth(choice) && !Edges.NormalisesPairs(choice.Sample().Model);

    static void ForAll<T>(Gen<T> choices, Func<T, IEnumerable<T>> simpler, Action<ModelSample> check)
        where T : IModelChoice => Prop.ForAll(Arb.ToArbitrary(choices, simpler), choice => check(choice.Sample())).Check(Configuration);

    static Config Configuration
    {
        get
        {
            var draws = Environment.GetEnvironmentVariable("LSTM_CLUSTER_DRAWS");
            var config = Config.QuickThrowOnFailure.WithMaxTest(draws is null ? Draws : int.Parse(draws, CultureInfo.InvariantCulture));
            if (Environment.GetEnvironmentVariable("LSTM_CLUSTER_REPLAY") is not { } replay)
                return config;
            var numbers = Array.ConvertAll(replay.Split(','), number => ulong.Parse(number, CultureInfo.InvariantCulture));
            return config.WithReplay(numbers[0], numbers[1], (int)numbers[2]).WithMaxTest(1);
        }
    }
}
