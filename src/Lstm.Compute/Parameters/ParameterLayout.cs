namespace LstmCluster.Compute;

/// <summary>Where each named tensor lies in the flat parameter vector. Weights, gradients and optimizer state share one layout.</summary>
public sealed class ParameterLayout
{
    readonly Dictionary<string, Parameter> _byName;
    readonly List<(ModelPart Part, ParameterRange Range)> _parts;

    ParameterLayout(List<Parameter> parameters, List<(ModelPart Part, ParameterRange Range)> parts, int length)
    {
        Parameters = parameters;
        _parts = parts;
        Length = length;
        _byName = parameters.ToDictionary(parameter => parameter.Name);
    }

    /// <summary>All tensors, in the order of the vector, without gaps.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Elements of the vector.</summary>
    public int Length { get; }

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Parameter this[string name] => _byName[name];

    /// <summary>The run of the vector that a part takes; also of a part within another one.</summary>
    /// <exception cref="ArgumentException">The part is not in the layout, or in more than one place.</exception>
    public ParameterRange RangeOf(ModelPart part)
    {
        var found = _parts.FindAll(candidate => ReferenceEquals(candidate.Part, part));
        return found.Count == 1
            ? found[0].Range
            : throw new ArgumentException($"the part has {found.Count} places in the parameter vector, where one is needed", nameof(part));
    }

    /// <summary>Streams of the masks that all parts draw in training, those within other parts included.</summary>
    internal IEnumerable<uint> MaskStreams => _parts.SelectMany(part => part.Part.MaskStreams);

    /// <summary>Elements of the parameters of a part.</summary>
    internal static int LengthOf(ModelPart part) => new Builder().Declare("", part).Length;

    /// <summary>Fills a vector with what training starts from; a pure function of the seed.</summary>
    /// <param name="seed">The job's seed.</param>
    /// <param name="vector">[<see cref="Length"/>].</param>
    public void Initialize(ulong seed, Span<float> vector)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(vector.Length, Length);
        for (var index = 0; index < Parameters.Count; index++)
        {
            var parameter = Parameters[index];
            parameter.Initializer.Fill(vector.Slice(parameter.Offset, parameter.Length), new RandomSequence(seed, (uint)index));
        }
    }

    /// <summary>Collects the tensors of a model, layer by layer.</summary>
    public sealed class Builder
    {
        readonly List<Parameter> _parameters = [];
        readonly List<(ModelPart Part, ParameterRange Range)> _parts = [];
        string _prefix = "";
        int _length;

        /// <summary>Lets a part declare its tensors under a prefix.</summary>
        /// <returns>The run of the vector that they take.</returns>
        public ParameterRange Declare(string prefix, ModelPart part)
        {
            _prefix = prefix;
            return Declare(part);
        }

        /// <summary>Lets a part within the part that is declaring declare its tensors, under the same prefix.</summary>
        /// <returns>The run of the vector that they take.</returns>
        public ParameterRange Declare(ModelPart part)
        {
            ArgumentNullException.ThrowIfNull(part);
            var first = _length;
            part.Declare(this);
            var range = new ParameterRange(first, _length - first);
            _parts.Add((part, range));
            return range;
        }

        /// <summary>Adds a tensor of the part that is declaring.</summary>
        public void Add(string name, Initializer initializer, params int[] shape)
        {
            var parameter = new Parameter($"{_prefix}.{name}", shape, _length, initializer);
            _parameters.Add(parameter);
            _length = checked(_length + parameter.Length);
        }

        /// <summary>The finished layout.</summary>
        public ParameterLayout Build() => new(_parameters, _parts, _length);
    }
}
