using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Keeper to who gives terms: a coordinator is to be started anew, what is its term?</summary>
public sealed record BeginTerm : Message;

/// <summary>Answer to <see cref="BeginTerm"/>: the term has begun.</summary>
/// <param name="Term">Higher than all before.</param>
public sealed record TermBegun(Term Term) : Message;

/// <summary>Answer to <see cref="BeginTerm"/>: it could not be begun now.</summary>
/// <param name="Reason">Why, in one line.</param>
public sealed record TermNotBegun(string Reason) : Message;

/// <summary>Who gives terms to keeper, asked or not: another process is coordinator.</summary>
/// <param name="Reason">How that is known, in one line.</param>
public sealed record Deposed(string Reason) : Message;
