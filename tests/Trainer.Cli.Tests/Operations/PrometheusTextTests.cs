using System.Diagnostics.Metrics;
using LstmCluster.Cli.Operations;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Trainer.Cli.Tests.Operations;

public sealed class PrometheusTextTests
{
    [Theory]
    [InlineData("lstm_cluster.step.duration", "s", false, false, "lstm_cluster_step_duration_seconds")]
    [InlineData("lstm_cluster.network.io", "By", true, false, "lstm_cluster_network_io_bytes_total")]
    [InlineData("lstm_cluster.steps", "{step}", true, false, "lstm_cluster_steps_total")]
    [InlineData("lstm_cluster.throughput", "{token}/s", false, true, "lstm_cluster_throughput_per_second")]
    [InlineData("system.cpu.utilization", "1", false, true, "system_cpu_utilization_ratio")]
    [InlineData("uptime_seconds", "s", false, true, "uptime_seconds")]
    [InlineData("9.lives", null, false, true, "_9_lives")]
    public void Names_follow_the_rules_of_OpenTelemetry(string name, string? unit, bool isCounter, bool isGauge, string expected) =>
        PrometheusText.NameOf(name, unit, isCounter, isGauge).ShouldBe(expected);

    [Fact]
    public void Labels_and_values_of_any_kind_are_read_back()
    {
        using var meter = new Meter("PrometheusTextTests");
        using var page = new PrometheusPage();
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter(meter.Name).AddReader(page.Reader).Build();
        const string nasty = "a\\b\"c\nd,e=\"f\"}";
        var gauge = meter.CreateGauge<double>("nasty.gauge", null, "back\\slash and\nline");
        gauge.Record(double.NaN, new KeyValuePair<string, object?>("who", nasty));
        gauge.Record(double.PositiveInfinity, new KeyValuePair<string, object?>("who.else", 1));
        gauge.Record(-1.5e-300);
        meter.CreateCounter<long>("whole").Add(long.MaxValue);

        var read = new ExpositionText(page.Read()!);

        var values = read.Of("nasty_gauge").ToList();
        values.Single(sample => sample.Labels.GetValueOrDefault("who") == nasty).Value.ShouldBe(double.NaN);
        values.Single(sample => sample.Labels.GetValueOrDefault("who_else") == "1").Value.ShouldBe(double.PositiveInfinity);
        values.Single(sample => sample.Labels.Count == 0).Value.ShouldBe(-1.5e-300);
        read.Value("whole_total").ShouldBe(long.MaxValue);
    }

    [Fact]
    public void A_histogram_counts_up_to_each_bound()
    {
        using var meter = new Meter("PrometheusTextTests.Histogram");
        using var page = new PrometheusPage();
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter(meter.Name).AddReader(page.Reader).Build();
        var histogram = meter.CreateHistogram("wait", "s", null, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2.5] });
        foreach (var value in new[] { 0.5, 1, 2, 99 }) histogram.Record(value);

        var read = new ExpositionText(page.Read()!);

        read.Of("wait_seconds_bucket").Select(sample => (sample.Labels["le"], sample.Value)).ShouldBe([("1", 2), ("2.5", 3), ("+Inf", 4)]);
        read.Value("wait_seconds_sum").ShouldBe(102.5);
    }
}
