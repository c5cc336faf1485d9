using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace LstmCluster.Cli.Operations;

/// <summary>Metrics in Prometheus' text exposition format, with OpenTelemetry's rules for names.</summary>
/// <remarks>
/// https://prometheus.io/docs/instrumenting/exposition_formats and https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics:
/// dots become underscores, a unit becomes a suffix, and so does <c>total</c> of what only grows.
/// </remarks>
static class PrometheusText
{
    /// <summary>The page.</summary>
    /// <param name="metrics">The metrics; those of one name make one family.</param>
    public static string Write(IEnumerable<Metric> metrics)
    {
        var page = new StringBuilder();
        foreach (var family in metrics.GroupBy(NameOf))
        {
            var first = family.First();
            if (first.Description is { Length: > 0 } description) page.Append("# HELP ").Append(family.Key).Append(' ').Append(Escape(description, quotes: false)).Append('\n');
            page.Append("# TYPE ").Append(family.Key).Append(' ').Append(TypeOf(first)).Append('\n');
            foreach (var metric in family)
                foreach (ref readonly var point in metric.GetMetricPoints())
                    Append(page, family.Key, metric, point);
        }

        return page.ToString();
    }

    /// <summary>The name of a metric's family.</summary>
    internal static string NameOf(Metric metric) => NameOf(metric.Name, metric.Unit, IsCounter(metric), metric.MetricType.IsGauge());

    /// <summary>The name of a family.</summary>
    /// <param name="name">The instrument's name.</param>
    /// <param name="unit">Its unit in UCUM.</param>
    /// <param name="isCounter">True when it only grows.</param>
    /// <param name="isGauge">True when it is a present value.</param>
    internal static string NameOf(string name, string? unit, bool isCounter, bool isGauge)
    {
        var full = new StringBuilder();
        foreach (var letter in name) full.Append(char.IsAsciiLetterOrDigit(letter) || letter is '_' or ':' ? letter : '_');
        if (char.IsAsciiDigit(full[0])) full.Insert(0, '_');
        var suffix = UnitInWords(unit, isGauge);
        if (suffix.Length > 0 && !name.EndsWith(suffix, StringComparison.Ordinal)) full.Append('_').Append(suffix);
        if (isCounter) full.Append("_total");
        return full.ToString();
    }

    static string UnitInWords(string? unit, bool isGauge)
    {
        // What stands in braces is a remark.
        if (unit is ['{', ..]) return unit.EndsWith("/s", StringComparison.Ordinal) ? "per_second" : "";
        return unit switch
        {
            "s" => "seconds",
            "By" => "bytes",
            "1" => isGauge ? "ratio" : "",
            _ => "",
        };
    }

    static bool IsCounter(Metric metric) => metric.MetricType is MetricType.LongSum or MetricType.DoubleSum;

    static string TypeOf(Metric metric) => IsCounter(metric) ? "counter" : metric.MetricType.IsHistogram() ? "histogram" : "gauge";

    static void Append(StringBuilder page, string name, Metric metric, in MetricPoint point)
    {
        var labels = Labels(point.Tags);
        switch (metric.MetricType)
        {
            case MetricType.LongSum or MetricType.LongSumNonMonotonic: Append(page, name, labels, Text(point.GetSumLong())); break;
            case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic: Append(page, name, labels, Text(point.GetSumDouble())); break;
            case MetricType.LongGauge: Append(page, name, labels, Text(point.GetGaugeLastValueLong())); break;
            case MetricType.DoubleGauge: Append(page, name, labels, Text(point.GetGaugeLastValueDouble())); break;
            case MetricType.Histogram: AppendHistogram(page, name, labels, point); break;
            default: throw new InvalidOperationException($"no rule for {metric.MetricType}");
        }
    }

    static void AppendHistogram(StringBuilder page, string name, string labels, in MetricPoint point)
    {
        // OpenTelemetry counts each bucket by itself, Prometheus all up to a bound.
        var below = 0L;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            below += bucket.BucketCount;
            var bound = $"le=\"{Text(bucket.ExplicitBound)}\"";
            Append(page, name + "_bucket", labels.Length == 0 ? bound : $"{labels},{bound}", Text(below));
        }

        Append(page, name + "_sum", labels, Text(point.GetHistogramSum()));
        Append(page, name + "_count", labels, Text(point.GetHistogramCount()));
    }

    static void Append(StringBuilder page, string name, string labels, string value)
    {
        page.Append(name);
        if (labels.Length > 0) page.Append('{').Append(labels).Append('}');
        page.Append(' ').Append(value).Append('\n');
    }

    static string Labels(ReadOnlyTagCollection tags)
    {
        var labels = new StringBuilder();
        foreach (var tag in tags)
        {
            if (labels.Length > 0) labels.Append(',');
            var first = labels.Length;
            foreach (var letter in tag.Key) labels.Append(char.IsAsciiLetterOrDigit(letter) || letter == '_' ? letter : '_');
            if (char.IsAsciiDigit(labels[first])) labels.Insert(first, '_');
            labels.Append("=\"").Append(Escape(Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "", quotes: true)).Append('"');
        }

        return labels.ToString();
    }

    /// <summary>Takes out what would end a line or a label.</summary>
    internal static string Escape(string text, bool quotes)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    internal static string Text(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
