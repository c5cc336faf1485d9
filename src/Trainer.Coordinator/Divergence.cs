namespace LstmCluster.Training;

/// <summary>Words for training that leads nowhere.</summary>
static class Divergence
{
    /// <summary>Why a run ends.</summary>
    /// <param name="where">In what it was noticed.</param>
    /// <param name="how">What was noticed.</param>
    public static string Reason(string where, string how) => $"{where}: training diverged: {how}; a lower training.optimizer rate or training.clip may help";

    /// <summary>A loss beyond the limit.</summary>
    public static string InWords(double loss, TrainingPlan plan) => plan.LossLimit == double.MaxValue
        ? $"{loss:G6}, no finite number"
        : $"{loss:G6} {(plan.HasClasses ? "nats per token" : "per number")}, above {plan.LossLimit:G6}";
}
