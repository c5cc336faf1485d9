using System.Diagnostics.Metrics;

namespace Metering.Support;

/// <summary>Sums what the counters of a meter count, by name and tags. One test at a time may have instruments of that meter.</summary>
sealed class Measured : IDisposable
{
    readonly MeterListener _listener = new();
    readonly SortedDictionary<string, double> _sums = new(StringComparer.Ordinal);

    /// <param name="meter">Name of the meter.</param>
    public Measured(string meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == meter && instrument is (Counter<long> or Counter<double>)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Each sum as <c>name {tag=value, ...} sum</c>, in the order of names.</summary>
    public IEnumerable<string> Lines => _sums.Select(sum => FormattableString.Invariant($"{sum.Key} {sum.Value}"));

    /// <summary>The sum of a counter without tags.</summary>
    public double this[string name] => _sums[$"{name} {{}}"];

    public void Dispose() => _listener.Dispose();

    void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = $"{instrument.Name} {{{string.Join(", ", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}}}";
        _sums[key] = _sums.GetValueOrDefault(key) + value;
    }
}
