namespace LstmCluster.Compute;

/// <summary>How an attention compares what the decoder asks for with each encoder output.</summary>
public enum AttentionKind
{
    /// <summary><c>q . m</c> (Luong, Pham and Manning 2015): query and encoder output have one size.</summary>
    Dot,

    /// <summary><c>q . (W m)</c> (Luong, Pham and Manning 2015).</summary>
    General,

    /// <summary><c>v . tanh(U q + W m)</c> (Bahdanau, Cho and Bengio 2015).</summary>
    Additive,
}

/// <summary>
/// Attention of a decoder to its source. From the decoder's output q it takes weights over the encoder's outputs m, their weighted sum as context c, and the attentional
/// vector <c>tanh(W_c [c; q])</c> (Luong, Pham and Manning 2015), which goes to the head.
/// </summary>
/// <param name="kind">How outputs are compared.</param>
/// <param name="memorySize">M, features of an encoder output.</param>
/// <param name="querySize">Q, features of a decoder output.</param>
/// <param name="units">A, features in which the additive score compares; 0 for Q. The other kinds compare in Q.</param>
/// <param name="outputSize">Features of the attentional vector; 0 for Q.</param>
/// <exception cref="ArgumentException">There is no such kind, or the sizes do not fit it.</exception>
public sealed class Attention(AttentionKind kind, int memorySize, int querySize, int units = 0, int outputSize = 0) : ModelPart
{
    /// <summary>How outputs are compared.</summary>
    public AttentionKind Kind { get; } = kind == AttentionKind.Dot && memorySize != querySize
        ? throw new ArgumentException($"a dot product takes vectors of one size: the encoder gives {memorySize} features, the decoder {querySize}", nameof(memorySize))
        : Enum.IsDefined(kind) ? kind : throw new ArgumentOutOfRangeException(nameof(kind), kind, "is no attention");

    /// <summary>M, features of an encoder output.</summary>
    public int MemorySize { get; } = Positive(memorySize, nameof(memorySize));

    /// <summary>Q, features of a decoder output.</summary>
    public int QuerySize { get; } = Positive(querySize, nameof(querySize));

    /// <summary>A, features in which both are compared.</summary>
    public int Units { get; } = UnitsOf(kind, querySize, units);

    /// <summary>Features of the attentional vector.</summary>
    public int OutputSize { get; } = outputSize == 0 ? querySize : Positive(outputSize, nameof(outputSize));

    internal bool ProjectsQueries => Kind == AttentionKind.Additive;

    internal bool ProjectsKeys => Kind != AttentionKind.Dot;

    /// <summary>M + Q: context and query side by side.</summary>
    internal int JoinedSize => MemorySize + QuerySize;

    /// <inheritdoc/>
    public override void Declare(ParameterLayout.Builder parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (ProjectsQueries) parameters.Add("query.weight", Uniform(QuerySize), Units, QuerySize);
        if (ProjectsKeys) parameters.Add("key.weight", Uniform(MemorySize), Units, MemorySize);
        if (ProjectsQueries) parameters.Add("score.weight", Uniform(Units), Units);
        parameters.Add("output.weight", Uniform(JoinedSize), OutputSize, JoinedSize);
    }

    /// <inheritdoc/>
    public override LayerWeights CreateWeights(IDevice device, bool training) => new AttentionWeights(this, device, training);

    /// <summary>The named tensors within the part's run of a vector, in the order in which they were declared.</summary>
    internal AttentionParameters Views(DeviceSpan parameters)
    {
        var offset = 0;
        return new AttentionParameters(
            Next(ProjectsQueries ? Units * QuerySize : 0), Next(ProjectsKeys ? Units * MemorySize : 0), Next(ProjectsQueries ? Units : 0),
            Next(OutputSize * JoinedSize));

        DeviceSpan Next(int length)
        {
            offset += length;
            return parameters.Slice(offset - length, length);
        }
    }

    static int UnitsOf(AttentionKind kind, int querySize, int units)
    {
        if (units == 0) return querySize;
        if (kind == AttentionKind.Additive) return Positive(units, nameof(units));
        return units == querySize ? units : throw new ArgumentException($"{kind} compares in the decoder's {querySize} features, not in {units}", nameof(units));
    }

    static UniformInitializer Uniform(int inputs) => new(1 / Math.Sqrt(inputs));

    static int Positive(int size, string name) => size > 0 ? size : throw new ArgumentOutOfRangeException(name, size, "must be positive");
}

/// <summary>The parameters of an attention as they stand in the parameter vector, or their gradients.</summary>
/// <param name="Query">U, [A,Q]; empty without the additive score.</param>
/// <param name="Key">W, [A,M]; empty for a dot product.</param>
/// <param name="Score">v, [A]; empty without the additive score.</param>
/// <param name="Output">W_c, [outputs,M+Q].</param>
readonly record struct AttentionParameters(DeviceSpan Query, DeviceSpan Key, DeviceSpan Score, DeviceSpan Output);

sealed class AttentionWeights : LayerWeights
{
    readonly Attention _part;
    readonly PreparedPair? _query, _key;

    public AttentionWeights(Attention part, IDevice device, bool training)
    {
        _part = part;
        if (part.ProjectsQueries) _query = new PreparedPair(device, part.Units, part.QuerySize, training);
        if (part.ProjectsKeys) _key = new PreparedPair(device, part.Units, part.MemorySize, training);
        Output = new PreparedPair(device, part.OutputSize, part.JoinedSize, training);
    }

    public PreparedPair Query => _query!;

    public PreparedPair Key => _key!;

    public PreparedPair Output { get; }

    public DeviceSpan Score { get; private set; }

    public override void Load(DeviceSpan parameters)
    {
        var views = _part.Views(parameters);
        _query?.Load(views.Query);
        _key?.Load(views.Key);
        Output.Load(views.Output);
        Score = views.Score;
    }

    protected override void Dispose(bool disposing)
    {
        _query?.Dispose();
        _key?.Dispose();
        Output.Dispose();
    }
}
