namespace LstmCluster.Actors;

/// <summary>A simulation did not do what its caller waited for, or an actor broke the simulator's rules. The message ends with the trace's tail.</summary>
/// <param name="problem">What went wrong.</param>
/// <param name="seed">The seed that replays it.</param>
/// <param name="elapsed">The simulation's time.</param>
/// <param name="tail">The last lines of the trace, oldest first.</param>
public sealed class SimulationException(string problem, ulong seed, TimeSpan elapsed, IReadOnlyList<string> tail)
    : Exception($"{problem} (seed {seed}, at {elapsed.TotalSeconds:0.######} s)\n{string.Join('\n', tail)}");
