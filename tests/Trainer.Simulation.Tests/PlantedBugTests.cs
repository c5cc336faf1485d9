using LstmCluster.Simulation;

namespace Trainer.Simulation.Tests;

/// <summary>The simulator is only as good as what it finds: each of these defects is planted, and must be found by the checker whose business it is, within a few seeds, or a few hundred where it takes an election at the wrong moment.</summary>
public class PlantedBugTests
{
    const ulong MostSeeds = 400;

    static readonly Dictionary<string, (Func<Bug> Plant, string Checker)> s_bugs = new(StringComparer.Ordinal)
    {
        ["a gradient that comes again is added again"] = (() => new CountsTwice(), "1"),
        ["a missing node of the tree is taken for zero"] = (() => new DropsANode(), "1"),
        ["gradients are added as they arrive"] = (() => new SumsInOrderOfArrival(), "1"),
        ["old weights are taken for new ones"] = (() => new TakesOldWeightsForNew(), "4"),
        ["a step is applied before it is complete"] = (() => new AppliesTooEarly(), "2"),
        ["a term is begun twice"] = (() => new ForgetsTerms(), "3"),
        ["messages of an earlier term are acted on"] = (() => new ActsOnOldTerms(), "3"),
        ["a deposed coordinator goes on writing"] = (() => new GoesOnDeposed(), "3"),
        ["a lease is believed for too long"] = (() => new BelievesTooLong(), "3"),
        ["a step is applied twice"] = (() => new AppliesTwice(), "4"),
        ["two shards get each other's results"] = (() => new SwapsResults(), "4"),
        ["the carried state is not reset at the end of a pass"] = (() => new KeepsStateOverThePass(), "4"),
        ["a checkpoint is written before its step"] = (() => new WritesBeforeTheStep(), "5"),
        ["a checkpoint has a later data position than weights"] = (() => new WritesALaterPosition(), "5"),
        ["a checkpoint mixes versions"] = (() => new MixesVersions(), "5"),
        ["a failed checkpoint is reported as written"] = (() => new HidesFailures(), "5"),
        ["names are not flushed"] = (() => new SkipsFlushes(), "5"),
        ["the newest checkpoint is removed"] = (() => new PrunesTheNewest(), "5"),
        ["samples are used twice"] = (() => new ReusesAPosition(), "6"),
        ["what a lost worker had is not issued again"] = (() => new LosesWhatIsIssuedAgain(), "7"),
        ["a payload is kept"] = (() => new KeepsPayloads(), "every payload"),
    };

    public static TheoryData<string> Names => [.. s_bugs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_planted_bug_is_found(string bug)
    {
        var (plant, checker) = s_bugs[bug];
        for (var seed = 1ul; seed <= MostSeeds; seed++)
        {
            var result = ClusterSimulation.Run(TinyJob.Reference, new SimulationOptions { Seed = seed }, plant());
            if (result.Violation is not { } violation) continue;
            TestContext.Current.SendDiagnosticMessage($"{bug}: seed {seed}: {violation}");
            violation.Invariant.ShouldStartWith(checker, Case.Sensitive, violation.ToString());
            return;
        }

        throw new InvalidOperationException($"{MostSeeds} seeds have not found: {bug}");
    }
}
