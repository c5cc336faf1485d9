using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>How a model does on the held-out part of its data.</summary>
/// <param name="Loss">Mean over the targets.</param>
/// <param name="Targets">Number of targets: classes, or values.</param>
/// <param name="Accuracy">Share of classes whose score is the largest; null where the targets are values or sequences.</param>
/// <param name="ExactMatches">Share of target sequences that a beam search finds to the last token; null where the targets are no sequences.</param>
public sealed record Evaluation(double Loss, long Targets, double? Accuracy, double? ExactMatches)
{
    const int Beams = 5;

    /// <summary>Evaluates a model.</summary>
    /// <param name="trained">The model.</param>
    /// <param name="data">Its job's data, with a held-out part.</param>
    public static Evaluation Of(TrainedModel trained, JobData data)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(data);
        using var pool = new PayloadPool();
        using var run = trained.CreateRun(out var weights);
        using var states = new CarriedStates(1);
        var source = ShardSource.Of(data, shards: 1, trained.Job.Seed, pool);
        var score = new Score(run, weights, trained.Model.StateSize, ModelMapping.Outputs(trained.Job, trained.Encoding), pool);
        for (var chunk = 0; chunk < source.ValidationChunks; chunk++)
        {
            var batch = source.Validation(chunk, 0, states.For(0));
            try
            {
                states.Set(0, score.Take(batch));
            }
            finally
            {
                batch.Release();
            }
        }

        var hasAccuracy = trained.Job.Task.HasClasses && trained.Job.Task is not SequenceToSequenceTask;
        return new Evaluation(
            score.Loss / score.Targets, score.Targets, hasAccuracy ? (double)score.Correct / score.Targets : null,
            (data as SampleData)?.Validation is { Targets: SampleTargets.Sequence } pairs ? MatchesOf(trained, pairs) : null);
    }

    static double MatchesOf(TrainedModel trained, SampleSet pairs)
    {
        using var translator = trained.CreateTranslator(out var weights) ?? throw new ArgumentException("the model writes no sequences", nameof(trained));
        var options = new BeamSearchOptions { Beams = Beams, MaxSteps = trained.Job.Training.Length + 1 };
        var matches = 0;
        for (var index = 0; index < pairs.Cut.Count; index++)
        {
            var rows = pairs.Cut[index];
            var batch = new SampleBatch(pairs, [.. Enumerable.Range(rows.First, rows.Count)], trained.Encoding.EndToken);
            var found = translator.Translate(weights, SourceOf(batch, pairs.Features), options);
            for (var row = 0; row < rows.Count; row++)
            {
                if (found[row][0] is { Ended: true, Tokens: var tokens } && tokens.SequenceEqual(pairs[rows.First + row].Classes)) matches++;
            }
        }

        return (double)matches / pairs.Count;
    }

    static Batch SourceOf(SampleBatch batch, int features)
    {
        var all = new BatchRows(0, batch.Rows);
        var (tokens, numbers, lengths) = (new int[features == 0 ? batch.Steps * batch.Rows : 0], new float[batch.Steps * batch.Rows * features], new int[batch.Rows]);
        if (features == 0) batch.FillTokens(all, tokens);
        else batch.FillFeatures(all, numbers);
        batch.FillLengths(all, lengths);
        return new Batch
        {
            Shape = new BatchShape(batch.Steps, batch.Rows),
            Tokens = tokens,
            Features = numbers,
            Lengths = lengths,
            Shards = new[] { new ShardRows(0, new RowRange(0, batch.Rows)) },
        };
    }

    /// <summary>Sums over batches.</summary>
    sealed class Score(ModelRun run, ModelWeights weights, int stateSize, int width, PayloadPool pool)
    {
        readonly BatchAssembly _assembly = new();
        float[] _outputs = [], _losses = [];

        public double Loss { get; private set; }

        public long Targets { get; private set; }

        public long Correct { get; private set; }

        /// <summary>Runs a batch.</summary>
        /// <returns>The state that its rows ended with; null when nothing is carried.</returns>
        public Payload<float>? Take(ShardBatch shard)
        {
            _assembly.Gather([shard]);
            var batch = _assembly.Batch;
            run.Load(batch);
            var rows = shard.Shape.Rows;
            if (shard.State is not null) run.WriteStates(new RowRange(0, rows), shard.State.Span);
            run.Forward(weights, training: false);
            Targets += run.CountTargets(new RowRange(0, rows));
            if (!batch.Classes.IsEmpty) CountCorrect(batch.Classes);
            AddLosses();
            if (!shard.CarriesState) return null;
            var states = pool.Rent<float>(rows * stateSize);
            run.ReadStates(new RowRange(0, rows), states.Span);
            return states;
        }

        void AddLosses()
        {
            var positions = run.LossShape.Positions;
            if (_losses.Length < positions) _losses = new float[positions];
            run.Losses(_losses.AsSpan(0, positions));
            for (var position = 0; position < positions; position++) Loss += _losses[position];
        }

        void CountCorrect(ReadOnlySpan<int> classes)
        {
            if (_outputs.Length < classes.Length * width) _outputs = new float[classes.Length * width];
            var outputs = _outputs.AsSpan(0, classes.Length * width);
            run.ReadOutputs(outputs);
            for (var position = 0; position < classes.Length; position++)
            {
                if (classes[position] < 0) continue;
                if (IndexOfLargest(outputs.Slice(position * width, width)) == classes[position]) Correct++;
            }
        }

        static int IndexOfLargest(ReadOnlySpan<float> scores)
        {
            var best = 0;
            for (var index = 1; index < scores.Length; index++)
            {
                if (scores[index] > scores[best]) best = index;
            }

            return best;
        }
    }
}
