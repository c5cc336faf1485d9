namespace LstmCluster.Protocol;

/// <summary>How a large gradient is made smaller, once, after averaging. Each way is a record of its own.</summary>
public abstract record ClipOptions;

/// <summary>The gradient stays as it is (<c>clip: none</c>).</summary>
public sealed record NoClip : ClipOptions;

/// <summary>The whole gradient is scaled so that its norm is at most this (<c>clip: { norm: 1.0 }</c>).</summary>
/// <param name="Norm">Largest L2 norm over all parameters.</param>
public sealed record ClipByNorm(double Norm) : ClipOptions;

/// <summary>Each element is limited to [-value, value] (<c>clip: { value: 0.5 }</c>).</summary>
/// <param name="Value">Largest absolute value of an element.</param>
public sealed record ClipByValue(double Value) : ClipOptions;
