using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>To the coordinator: finish the step in work, write a checkpoint, end.</summary>
public sealed record StopTraining : Message;

/// <summary>Coordinator to itself: look whether somebody takes too long.</summary>
sealed record Tick : Message;

/// <summary>Coordinator to recorder: tell this.</summary>
/// <param name="Event">What happened.</param>
public sealed record Record(TrainingEvent Event) : Message;

/// <summary>Coordinator to recorder: this is how a step's time was spent.</summary>
/// <param name="Work">The step.</param>
sealed record RecordWork(StepWork Work) : Message;

/// <summary>Coordinator to checkpointer: which checkpoint can a person go on from?</summary>
/// <param name="DivergedFrom">Step whose weights led to divergence: its checkpoint is set aside if an older one is left; null when none did.</param>
public sealed record FindLastGood(Step? DivergedFrom) : Message;

/// <summary>Checkpointer to coordinator: the newest checkpoint that is good.</summary>
/// <param name="Path">Its directory; null when there is none.</param>
/// <param name="Failure">Why nobody could look; null when somebody could.</param>
public sealed record LastGoodCheckpoint(string? Path, string? Failure = null) : Message;
