using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>Rates by layer, frozen layers and the moving average of the weights, in whole runs of the production actors.</summary>
public class RatesAndAverageTests
{
    const int Steps = 10;

    static readonly ValueList<LayerRate> Frozen = [new("embedding", 0.1), new("layers.0", 0)];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_frozen_layer_keeps_the_bits_of_its_weights_and_of_its_optimizer_state(int workers)
    {
        using var training = Run(Job(rates: Frozen), workers);
        var layout = TinyJob.Model(Job()).Parameters;
        var (first, end) = (layout["layers.0.weight_ih_l0"].Offset, layout["layers.1.weight_ih_l0"].Offset);
        var (before, after) = (training.Checkpoints[0], training.Checkpoints[^1]);

        before.Step.ShouldBe(0);
        after.Step.ShouldBe(Steps);
        after.Weights.Take(end).Skip(first).ShouldBe(before.Weights.Take(end).Skip(first));
        foreach (var vector in after.Optimizer) vector.Take(end).Skip(first).ShouldAllBe(moment => moment == 0);
        after.Weights.Take(first).ShouldNotBe(before.Weights.Take(first));
        after.Weights.Skip(end).ShouldNotBe(before.Weights.Skip(end));
        training.FinalWeights.ShouldBe(Reference.Value);
    }

    [Fact]
    public void The_norm_counts_what_is_trained_alone()
    {
        using var whole = Run(Job(), 2);
        using var headOnly = Run(Job(rates: [new("embedding", 0), new("layers", 0)]), 2);
        using var bodyOnly = Run(Job(rates: [new("head", 0)]), 2);

        double Norm(SimulatedTraining training) => training.Events.OfType<StepCompleted>().First().GradientNorm;
        var (all, head, body) = (Norm(whole), Norm(headOnly), Norm(bodyOnly));
        head.ShouldBeGreaterThan(0);
        body.ShouldBeGreaterThan(0);
        ((head * head) + (body * body)).ShouldBe(all * all, 1e-9 * all * all);
    }

    [Fact]
    public void Factors_of_one_change_no_bit()
    {
        using var plain = Run(Job(), 2);
        using var factors = Run(Job(rates: [new("embedding", 1), new("layers.1", 1)]), 2);

        factors.FinalWeights.ShouldBe(plain.FinalWeights);
    }

    [Fact]
    public void An_average_changes_the_validation_and_no_bit_of_the_training()
    {
        using var plain = Run(Job(), 2);
        using var averaged = Run(Job(average: 0.99), 2);

        averaged.FinalWeights.ShouldBe(plain.FinalWeights);
        Validations(averaged).Count.ShouldBe(Validations(plain).Count);
        Validations(averaged)[^1].ShouldNotBe(Validations(plain)[^1]);
    }

    [Fact]
    public void An_average_that_keeps_nothing_validates_as_the_weights_do()
    {
        using var plain = Run(Job(), 2);
        using var averaged = Run(Job(average: 0), 2);

        foreach (var (wanted, found) in Validations(plain).Zip(Validations(averaged))) found.ShouldBe(wanted, 1e-5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Neither_workers_nor_going_on_show_in_the_average_and_its_validation(int workers)
    {
        using var whole = Run(Job(average: 0.9), workers: 2);
        using var others = Run(Job(average: 0.9), workers);
        others.Checkpoints[^1].Optimizer[^1].ShouldBe(whole.Checkpoints[^1].Optimizer[^1]);
        Validations(others).ShouldBe(Validations(whole));
        foreach (var checkpoint in whole.Checkpoints.Where(checkpoint => checkpoint.Step is > 0))
        {
            using var rest = new SimulatedTraining(Job(average: 0.9), workers, from: checkpoint);
            rest.RunToEnd().ShouldBeOfType<RunFinished>(rest.Story);
            rest.Checkpoints[^1].Optimizer[^1].ShouldBe(whole.Checkpoints[^1].Optimizer[^1]);
            Validations(rest)[^1].ShouldBe(Validations(whole)[^1]);
        }
    }

    [Fact]
    public void A_worker_that_joins_during_a_validation_gets_the_average_too()
    {
        using var whole = Run(Job(average: 0.9), workers: 2);
        var joined = false;
        SimulatedTraining? training = null;
        training = new SimulatedTraining(Job(average: 0.9), workers: 2, onWorkerSend: message =>
        {
            if (joined || message is not ShardsDone { Round.Kind: WorkKind.Evaluate } done) return message;
            joined = true;
            training!.Join("late");
            training.Runtime.Kill(done.Worker);
            return null;
        });
        using (training)
        {
            training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
            joined.ShouldBeTrue();
            Validations(training).ShouldBe(Validations(whole));
            training.FinalWeights.ShouldBe(whole.FinalWeights);
        }
    }

    static readonly Lazy<string> Reference = new(() =>
    {
        using var training = Run(Job(rates: Frozen), workers: 2);
        return training.FinalWeights;
    });

    static List<double> Validations(SimulatedTraining training) =>
        [.. training.Events.OfType<ValidationCompleted>().Select(validation => validation.ValidationLoss)];

    static Job Job(ValueList<LayerRate>? rates = null, double? average = null)
    {
        var job = TinyJob.Of(Steps, validateEvery: 3);
        return job with
        {
            Training = job.Training with { Rates = rates ?? [], Average = average is { } decay ? new AverageByDecay(decay) : new NoAverage() },
        };
    }

    static SimulatedTraining Run(Job job, int workers)
    {
        var training = new SimulatedTraining(job, workers);
        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
        return training;
    }
}
