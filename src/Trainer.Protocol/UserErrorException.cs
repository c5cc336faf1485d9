namespace LstmCluster.Protocol;

/// <summary>
/// Bad input from a person. The message is one line that names the file, key or argument and what was expected, and is all
/// that the person gets to see: no stack trace, exit code 2.
/// </summary>
public sealed class UserErrorException : Exception
{
    /// <summary>Makes the error; line breaks in the message become spaces, so that it stays one line.</summary>
    /// <param name="message">What is wrong, where, and what was expected instead.</param>
    public UserErrorException(string message) : base(OneLine(message)) { }

    /// <inheritdoc cref="UserErrorException(string)"/>
    /// <param name="message">What is wrong, where, and what was expected instead.</param>
    /// <param name="innerException">The technical cause, for logs.</param>
    public UserErrorException(string message, Exception innerException) : base(OneLine(message), innerException) { }

    /// <summary>An error with its place in front: <c>examples/moby-dick.yaml:12: training.batch must be ...</c>.</summary>
    /// <param name="place">A file, <c>FILE:LINE</c>, or an argument as it was typed.</param>
    /// <param name="message">What is wrong there and what was expected.</param>
    public static UserErrorException At(string place, string message) => new($"{place}: {message}");

    static string OneLine(string message) =>
        string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
