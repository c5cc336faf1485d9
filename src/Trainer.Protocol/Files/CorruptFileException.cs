namespace LstmCluster.Protocol;

/// <summary>A file of a run is not what was written: cut short, changed, or never one of ours. The message says which and how.</summary>
public sealed class CorruptFileException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="message">What is wrong, in one line.</param>
    public CorruptFileException(string message) : base(message) { }

    /// <inheritdoc cref="CorruptFileException(string)"/>
    /// <param name="message">What is wrong, in one line.</param>
    /// <param name="innerException">What the parser said.</param>
    public CorruptFileException(string message, Exception innerException) : base(message, innerException) { }
}
