namespace LstmCluster.Cli;

/// <summary>Nobody reads the standard output any more, such as after <c>| head</c>.</summary>
sealed class OutputClosedException : IOException
{
    /// <summary>Makes one.</summary>
    public OutputClosedException()
    {
    }

    /// <summary>Makes one with a message.</summary>
    public OutputClosedException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with its cause.</summary>
    public OutputClosedException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
