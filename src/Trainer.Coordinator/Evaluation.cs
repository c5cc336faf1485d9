using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>How a model does on the held-out part of its data.</summary>
/// <param name="Loss">Mean over the targets.</param>
/// <param name="Targets">Number of targets: classes, or values.</param>
/// <param name="Accuracy">Share of classes whose score is the largest; null where the targets are values.</param>
public sealed record Evaluation(double Loss, long Targets, double? Accuracy)
{
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

        return new Evaluation(score.Loss / score.Targets, score.Targets, score.HasClasses ? (double)score.Correct / score.Targets : null);
    }

    /// <summary>Sums over batches.</summary>
    sealed class Score(ModelRun run, ModelWeights weights, int stateSize, int width, PayloadPool pool)
    {
        readonly BatchAssembly _assembly = new();
        float[] _outputs = [], _losses = [];

        public double Loss { get; private set; }

        public long Targets { get; private set; }

        public long Correct { get; private set; }

        public bool HasClasses { get; private set; }

        /// <summary>Runs a batch.</summary>
        /// <returns>The state that its rows ended with; null when nothing is carried.</returns>
        public Payload<float>? Take(ShardBatch shard)
        {
            _assembly.Gather([shard]);
            var batch = _assembly.Batch;
            run.Load(batch);
            var rows = shard.Shape.Rows;
            for (var row = 0; row < rows && shard.State is not null; row++) run.WriteState(row, shard.State.Span.Slice(row * stateSize, stateSize));
            run.Forward(weights, training: false);
            if (!batch.Classes.IsEmpty) CountCorrect(batch.Classes);
            else Targets += batch.Values.Length;
            AddLosses();
            if (!shard.CarriesState) return null;
            var states = pool.Rent<float>(rows * stateSize);
            for (var row = 0; row < rows; row++) run.ReadState(row, states.Span.Slice(row * stateSize, stateSize));
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
            HasClasses = true;
            if (_outputs.Length < classes.Length * width) _outputs = new float[classes.Length * width];
            var outputs = _outputs.AsSpan(0, classes.Length * width);
            run.ReadOutputs(outputs);
            for (var position = 0; position < classes.Length; position++)
            {
                if (classes[position] < 0) continue;
                Targets++;
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
