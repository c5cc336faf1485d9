namespace LstmCluster.Training;

/// <summary>Another process is, or may by now be, the coordinator of this run: nothing more may be changed in its directory.</summary>
/// <param name="reason">How that is known, in one line.</param>
public sealed class DeposedException(string reason) : Exception(reason);
