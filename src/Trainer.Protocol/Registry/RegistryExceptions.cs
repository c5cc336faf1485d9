namespace LstmCluster.Protocol;

/// <summary>A registry refuses, or does not answer; the message says which and why, in one line.</summary>
public class RegistryException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="message">Which registry, and what it said.</param>
    public RegistryException(string message) : base(message) { }

    /// <inheritdoc cref="RegistryException(string)"/>
    /// <param name="message">Which registry, and what it said.</param>
    /// <param name="innerException">The technical cause.</param>
    public RegistryException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>A registry does not answer, or not sensibly; it may later.</summary>
/// <param name="message">Which registry, and what each of its endpoints did.</param>
public sealed class RegistryUnavailableException(string message) : RegistryException(message);

/// <summary>Somebody who was coordinator is not any more.</summary>
/// <param name="message">Since when and why, in one line.</param>
public sealed class LeadershipLostException(string message) : Exception(message);
