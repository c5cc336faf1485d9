using LstmCluster.Simulation;

namespace Trainer.Simulation.Tests;

/// <summary>Step times of simulated clusters, against what arithmetic says of them.</summary>
public class ScaleTests
{
    const double Gbit = 1e9 / 8;

    [Fact]
    public void With_one_parameter_server_a_step_takes_as_long_as_its_link_needs_for_all_workers()
    {
        var result = Done(Links() with { Workers = 20 });
        result.ExchangeSeconds.ShouldBe(4 * 10e6 * 20 / (10 * Gbit), tolerance: 1e-9);

        // A link passes bytes both ways at once: the first gradients come in while the last weights go out. The last worker's gradient comes alone.
        var alone = result.ExchangeSeconds / 20;
        result.StepSeconds.ShouldBe(result.ExchangeSeconds + alone, tolerance: 0.03 * result.StepSeconds);
    }

    [Fact]
    public void A_single_worker_waits_for_both_ways()
    {
        var result = Done(Links() with { Workers = 1 });
        result.StepSeconds.ShouldBe(2 * result.ExchangeSeconds, tolerance: 0.03 * result.StepSeconds);
    }

    [Fact]
    public void Computing_comes_on_top_of_the_exchange()
    {
        var links = Links() with { Workers = 4, TokensPerShard = 1000 };
        var computing = Done(links with { FlopsPerSecond = 6e10 });
        computing.ComputeSeconds.ShouldBe(1.0, tolerance: 1e-9);
        computing.StepSeconds.ShouldBe(Done(links).StepSeconds + 1.0, tolerance: 0.03);
        computing.TokensPerSecond.ShouldBe(4000 / computing.StepSeconds, tolerance: 1e-6);
    }

    [Fact]
    public void As_many_parameter_servers_as_workers_make_the_exchange_as_short_as_with_one_worker()
    {
        var one = Done(Links() with { Workers = 1 });
        var many = Done(Links() with { Workers = 16, ParameterServers = 16 });
        many.ParameterServers.ShouldBe(16);
        many.ExchangeSeconds.ShouldBe(one.ExchangeSeconds, tolerance: 1e-9);

        // Several parts on their way to one machine queue there now and then.
        many.StepSeconds.ShouldBeInRange(one.StepSeconds * 0.9, one.StepSeconds * 1.6);
    }

    [Fact]
    public void A_model_has_no_more_parameter_servers_than_buckets() =>
        Done(Links() with { Workers = 3, Parameters = 1_000_000, ParameterServers = 64 }).ParameterServers.ShouldBe(3);

    [Fact]
    public void Fewer_shards_than_workers_leave_some_without_work()
    {
        var result = Done(Links() with { Workers = 8, Shards = 2, Steps = 3 });
        result.TokensPerSecond.ShouldBe(2 * 256 / result.StepSeconds, tolerance: 1e-6);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run_and_another_one_another()
    {
        var cluster = Links() with { Workers = 20, ParameterServers = 3, MessageCost = TimeSpan.FromMicroseconds(5) };
        var (one, same, other) = (Done(cluster), Done(cluster), Done(cluster with { Seed = 2 }));
        (same.TraceHash, same.StepSeconds, same.Messages).ShouldBe((one.TraceHash, one.StepSeconds, one.Messages));
        other.TraceHash.ShouldNotBe(one.TraceHash);
    }

    [Fact]
    public void More_workers_than_an_ordinary_mailbox_has_room_for_are_taken() =>
        Done(Links() with { Workers = 1500, Parameters = 1000, Steps = 3, TokensPerShard = 1 }).Steps.ShouldBe(3);

    /// <summary>Machines that take no time for anything but their links.</summary>
    static ScaleOptions Links() => new()
    {
        Workers = 1,
        Parameters = 10_000_000,
        BytesPerSecond = 10 * Gbit,
        FlopsPerSecond = 1e30,
        MemoryBytesPerSecond = 1e30,
        MessageCost = TimeSpan.Zero,
        Steps = 5,
    };

    static ScaleResult Done(ScaleOptions options)
    {
        var result = ScaleRun.Run(options);
        result.Failure.ShouldBeNull();
        result.Steps.ShouldBe(options.Steps);
        return result;
    }
}
