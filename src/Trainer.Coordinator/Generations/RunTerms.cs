using System.Globalization;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The highest term of a run, kept in its directory: empty files <c>term-7</c>, of which the highest counts.</summary>
/// <remarks>
/// A name instead of a content, because a name can only be added: whoever is paused in the middle of it and wakes much later, when others have come and gone,
/// cannot lower what they have raised, and a crash leaves no half of it.
/// </remarks>
/// <param name="files">The file system.</param>
/// <param name="run">The run directory, which exists.</param>
public sealed class RunTerms(IRunFiles files, string run)
{
    const string Prefix = "term-";

    /// <summary>The highest term that has begun; 0 before the first.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public Term Highest() => new(files.List(run).Max(name => TermOf(name)) ?? 0);

    /// <summary>Begins the next term.</summary>
    /// <exception cref="IOException">The file system failed; the term may have begun all the same, which harms nothing.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be written.</exception>
    public Term BeginNext()
    {
        var next = Highest().Next;
        Raise(next);
        return next;
    }

    /// <summary>Makes a term, unless there is a higher one, the highest. When this returns it is so after any crash.</summary>
    /// <param name="term">The term.</param>
    /// <exception cref="IOException">The file system failed.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be written.</exception>
    public void Raise(Term term)
    {
        files.Write(Path.Combine(run, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{term.Value}")), _ => { });
        files.FlushDirectory(run);
        foreach (var lower in files.List(run).Where(name => TermOf(name) < term.Value)) files.Delete(Path.Combine(run, lower));
    }

    /// <summary>True for the name of a file of this.</summary>
    internal static bool IsTerm(string name) => TermOf(name) is not null;

    static long? TermOf(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal)
        && long.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0
            ? value
            : null;
}
