namespace LstmCluster.Protocol;

/// <summary>
/// How a value of a job file is read, written, described and compared: the schema is built of these once (<see cref="JobSchema"/>),
/// and reader, writer, documentation and resume check all walk it.
/// </summary>
/// <typeparam name="T">What the value is read into.</typeparam>
abstract class JobValue<T>
{
    /// <summary>The type for the documentation: one word or two.</summary>
    public abstract string Type { get; }

    /// <summary>The allowed values for the documentation; empty when the type says it all.</summary>
    public abstract string Range { get; }

    /// <summary>Reads a node.</summary>
    /// <exception cref="UserErrorException">The node does not fit; names place, path and expectation.</exception>
    public abstract T Read(JobNode node, string path);

    /// <summary>The node that reads back as this value.</summary>
    public abstract JobNode Write(T value);

    /// <summary>Adds the keys below this value to the documentation.</summary>
    public virtual void Describe(string path, ICollection<JobKeyDescription> keys) { }

    /// <summary>Adds what two jobs are compared by.</summary>
    /// <param name="path">Path of the value.</param>
    /// <param name="value">The value.</param>
    /// <param name="mayChange">Whether a resumed run may have another.</param>
    /// <param name="facts">Where to add.</param>
    public virtual void Compare(string path, T value, bool mayChange, ICollection<JobFact> facts) =>
        facts.Add(new JobFact(path, NodeText.Flow(Write(value)), mayChange));

    protected static UserErrorException Expected(JobNode node, string path, string expectation) =>
        UserErrorException.At(node.Place, $"{path} must be {expectation}, got {node.Shown}");
}

/// <summary>One comparable value of a job.</summary>
readonly record struct JobFact(string Path, string Text, bool MayChange);
