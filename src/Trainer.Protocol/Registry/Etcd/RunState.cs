using System.Globalization;
using System.Text.Json;

namespace LstmCluster.Protocol;

/// <summary>A coordinator's entry as it is written.</summary>
sealed record RecordForm(long Term, string Name, string Endpoint);

/// <summary>How a run ended, as it is written.</summary>
sealed record EndingForm(string How, bool Failed);

/// <summary>The entry of a run at one moment.</summary>
/// <param name="Name">Name of the run, for errors.</param>
/// <param name="Coordinator">The leader's key; null when nobody leads.</param>
/// <param name="TermKey">The term's key, the number and behind a space how the run ended in that term, if it did; null before the first election.</param>
sealed record RunState(string Name, EtcdKeyValue? Coordinator, EtcdKeyValue? TermKey)
{
    /// <summary>Who leads; null when nobody does.</summary>
    /// <exception cref="RegistryException">The key holds something else.</exception>
    public CoordinatorRecord? Record
    {
        get
        {
            if (Coordinator is null) return null;
            try
            {
                if (JsonSerializer.Deserialize<RecordForm>(Coordinator.Value, EtcdJson.Options) is { Term: > 0, Name: not null, Endpoint: not null } form)
                    return new CoordinatorRecord(new Term(form.Term), form.Name, form.Endpoint);
            }
            catch (JsonException)
            {
                // Told below, with all else that is no entry.
            }

            throw Wrong("coordinator", "a coordinator's entry");
        }
    }

    /// <summary>The highest term so far.</summary>
    /// <exception cref="RegistryException">The key holds something else.</exception>
    Term HighestTerm
    {
        get
        {
            if (TermKey is null) return new Term(0);
            var text = TermKey.Value.AsSpan();
            var end = text.IndexOf((byte)' ');
            return long.TryParse(end < 0 ? text : text[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? new Term(value) : throw Wrong("term", "a whole number");
        }
    }

    /// <summary>How the run ended; null while somebody leads, or where nobody has left word of it.</summary>
    /// <exception cref="RegistryException">The key holds something else.</exception>
    public RunEnding? Ending
    {
        get
        {
            if (Coordinator is not null || TermKey is null) return null;
            var term = HighestTerm;
            var end = TermKey.Value.AsSpan().IndexOf((byte)' ');
            if (end < 0) return null;
            try
            {
                if (JsonSerializer.Deserialize<EndingForm>(TermKey.Value.AsSpan(end + 1), EtcdJson.Options) is { How: not null } form) return new RunEnding(term, form.How, form.Failed);
            }
            catch (JsonException)
            {
                // Told below.
            }

            throw Wrong("term", "a whole number and how the run ended");
        }
    }

    /// <summary>A term higher than all that are known.</summary>
    /// <param name="known">The highest that is known from elsewhere.</param>
    public Term NextTerm(Term known) => new[] { HighestTerm, Record?.Term ?? new Term(0), known }.Max().Next;

    RegistryException Wrong(string key, string expected) => new($"etcd's key lstm-cluster/{Name}/{key} does not hold {expected}; does something else use it?");
}
