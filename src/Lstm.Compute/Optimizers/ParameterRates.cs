namespace LstmCluster.Compute;

/// <summary>A run of the parameter vector that is trained at one rate.</summary>
/// <param name="Range">The run.</param>
/// <param name="Factor">Factor of the learning rate; 0 for frozen.</param>
public readonly record struct RatedRange(ParameterRange Range, double Factor);

/// <summary>Factors of the learning rate by layer or tensor, as runs of the parameter vector.</summary>
/// <remarks>
/// A frozen run keeps the bits of its weights and of its optimizer state, and its gradient counts as zero, so that it does not enter the norm that clipping
/// takes: PyTorch likewise sees no gradient of a parameter that is not trained.
/// </remarks>
public sealed class ParameterRates
{
    ParameterRates(IReadOnlyList<RatedRange> ranges) => Ranges = ranges;

    /// <summary>The runs, ascending, without gaps; neighbours have different factors.</summary>
    public IReadOnlyList<RatedRange> Ranges { get; }

    /// <summary>The same rate for every parameter.</summary>
    /// <param name="length">Elements of the parameter vector.</param>
    public static ParameterRates Uniform(int length) => new([new RatedRange(new ParameterRange(0, length), 1)]);

    /// <summary>Rates by name.</summary>
    /// <param name="layout">The model's parameters.</param>
    /// <param name="factors">
    /// Factor by name: a tensor's (<c>layers.0.weight_hh_l0</c>), or what it begins with up to a dot (<c>layers.0</c>, <c>layers</c>). Of several that fit a tensor the
    /// longest counts; what none fits has factor 1.
    /// </param>
    /// <exception cref="ArgumentException">A name fits no tensor, or a factor is negative or not finite.</exception>
    public static ParameterRates Of(ParameterLayout layout, IReadOnlyDictionary<string, double> factors)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(factors);
        foreach (var (name, factor) in factors)
        {
            if (!layout.Parameters.Any(parameter => Fits(name, parameter.Name)))
                throw new ArgumentException($"{name} names no layer: known are {string.Join(", ", Layers(layout))}, and the names of their tensors", nameof(factors));
            if (!double.IsFinite(factor) || factor < 0)
                throw new ArgumentException($"the factor of {name} must be at least 0, is {factor}", nameof(factors));
        }

        var ranges = new List<RatedRange>();
        foreach (var parameter in layout.Parameters)
        {
            var name = factors.Keys.Where(candidate => Fits(candidate, parameter.Name)).MaxBy(candidate => candidate.Length);
            var factor = name is null ? 1 : factors[name];
            if (ranges is [.., var last] && last.Factor == factor)
                ranges[^1] = last with { Range = last.Range with { Length = last.Range.Length + parameter.Length } };
            else
                ranges.Add(new RatedRange(new ParameterRange(parameter.Offset, parameter.Length), factor));
        }

        return new ParameterRates(ranges);
    }

    /// <summary>The rates of a part of the vector, counted from its beginning.</summary>
    public ParameterRates Within(ParameterRange part) => new(
    [
        .. Ranges.Select(rated => rated with { Range = rated.Range.Within(part).From(part) }).Where(rated => rated.Range.Length > 0),
    ]);

    /// <summary>Sets the gradient of what is frozen to zero.</summary>
    /// <param name="device">Where it is.</param>
    /// <param name="gradient">Laid out like the parameters.</param>
    public void ClearFrozen(IDeviceMemory device, DeviceSpan gradient)
    {
        ArgumentNullException.ThrowIfNull(device);
        for (var run = 0; run < Ranges.Count; run++)
            if (Ranges[run] is (var range, 0))
                device.Fill(range.Of(gradient), 0f);
    }

    static bool Fits(string name, string parameter) =>
        parameter.StartsWith(name, StringComparison.Ordinal) && (parameter.Length == name.Length || parameter[name.Length] == '.');

    static IEnumerable<string> Layers(ParameterLayout layout) =>
        layout.Parameters.Select(parameter => parameter.Name[..parameter.Name.LastIndexOf('.')]).Distinct();
}
