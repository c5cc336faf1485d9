using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Where a run stands: all that a checkpoint holds besides what the parameter servers have.</summary>
/// <param name="Step">The last step applied.</param>
/// <param name="Position">Where the data stand after it.</param>
/// <param name="States">Carried state after it.</param>
/// <param name="Validations">What validations have shown so far; null where nothing depends on it.</param>
/// <param name="Best">After which step the weights were the best so far; null where they are not kept, or none was validated yet.</param>
readonly record struct RunPlace(Step Step, DataPosition Position, CarriedStates States, ValidationHistory? Validations, Step? Best);
