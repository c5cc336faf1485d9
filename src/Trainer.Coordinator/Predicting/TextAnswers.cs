using LstmCluster.Compute;
using LstmCluster.Data;

namespace LstmCluster.Training;

/// <summary>How likely texts are. Each is read on its own, from the model's own state.</summary>
/// <param name="model">A language model.</param>
sealed class TextAnswers(SequenceModel model) : Answers
{
    // The state is carried from piece to piece, so that a line may be of any length.
    const int PieceSteps = 256;

    readonly float[] _state = new float[model.StateSize], _losses = new float[PieceSteps];

    public override IReadOnlyList<Prediction> To(IReadOnlyList<Sample> inputs, InputBatch batch, ModelRun run, ModelWeights weights) =>
    [
        .. inputs.Select(input => input.Flaw is { } flaw
            ? new TextPrediction(Math.Max(input.Steps - 1, 0), double.NegativeInfinity) { Flaw = flaw }
            : Read(input.Tokens, run, weights)),
    ];

    TextPrediction Read(int[] tokens, ModelRun run, ModelWeights weights)
    {
        var (told, loss) = (Math.Max(tokens.Length - 1, 0), 0.0);
        for (var at = 0; at < told; at += PieceSteps)
        {
            var steps = Math.Min(PieceSteps, told - at);
            run.Load(new Batch
            {
                Shape = new BatchShape(steps, 1),
                Tokens = tokens.AsSpan(at, steps),
                Classes = tokens.AsSpan(at + 1, steps),
                Shards = [new ShardRows(0, new RowRange(0, 1))],
            });
            if (at > 0) run.WriteState(0, _state);
            run.Forward(weights, training: false);
            run.Losses(_losses.AsSpan(0, steps));
            run.ReadState(0, _state);
            for (var step = 0; step < steps; step++) loss += _losses[step];
        }

        return new TextPrediction(told, -loss);
    }
}
