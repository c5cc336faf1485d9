using System.Runtime.InteropServices;
using System.Text.Json;
using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Above which error a row is out of the ordinary: fitted on the rows that were trained on, whose labels are not looked at, and kept in the run directory.</summary>
/// <param name="Weights">SHA-256 of the parameters that told the rows (<see cref="TrainedModel.ParametersSha256"/>): those of others err otherwise.</param>
/// <param name="Quantile">Share of the rows whose error is at most the threshold.</param>
/// <param name="All">The threshold by the rows of all series.</param>
/// <param name="Series">That of each series by its own rows.</param>
public sealed record AnomalyThresholds(string Weights, double Quantile, double All, IReadOnlyDictionary<string, double> Series)
{
    static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>The threshold of a series; of one that was not trained on that of all.</summary>
    public double Of(string series) => Series.TryGetValue(series, out var own) ? own : All;

    /// <summary>Reads what a run has kept.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="trained">Its model.</param>
    /// <returns>Null when there is nothing for this model, or it cannot be read.</returns>
    public static AnomalyThresholds? Read(string run, TrainedModel trained)
    {
        ArgumentNullException.ThrowIfNull(trained);
        var file = Path.Combine(run, RunDirectory.ThresholdsFile);
        if (!File.Exists(file)) return null;
        try
        {
            var read = JsonSerializer.Deserialize<AnomalyThresholds>(File.ReadAllText(file), s_json);
            return read is { Series: not null } && read.Weights == trained.ParametersSha256 && read.Quantile == QuantileOf(trained.Job) ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Fits thresholds to what a model errs by on what it was trained on.</summary>
    /// <param name="trained">The model.</param>
    /// <param name="data">Its job's data.</param>
    /// <param name="slots">What computes.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    internal static AnomalyThresholds Fit(TrainedModel trained, SampleData data, EvaluationSlots slots, CancellationToken cancellation = default)
    {
        var (table, quantile) = (data.Windows!.Table, QuantileOf(trained.Job));
        var scores = new TrainingScores((WindowTask)trained.Job.Task, table, data.Training, trained.Model.Outputs);
        Evaluation.Run(trained, data.Evaluating(DataPart.Training), scores, slots, cancellation);
        var series = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var all = CollectionsMarshal.AsSpan(scores.Values);
        foreach (var (index, first) in scores.FirstOfSeries.Index())
        {
            var own = all[first..(index + 1 < scores.FirstOfSeries.Count ? scores.FirstOfSeries[index + 1] : all.Length)];
            own.Sort();
            if (own.Length > 0) series.Add(table.Series[index].Name, At(own, quantile));
        }

        all.Sort();
        return new AnomalyThresholds(trained.ParametersSha256, quantile, At(all, quantile), series);
    }

    /// <summary>Fits thresholds for a run that has ended, unless it has them. Where it is given up the run is as before, and who resumes it fits them.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="data">Its job's data, of an anomaly.</param>
    /// <param name="workers">How many threads compute; they do not show in the thresholds.</param>
    /// <param name="progress">Hears what takes time, in words.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="UserErrorException">They cannot be kept.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    internal static void Keep(string run, SampleData data, int workers, Action<string>? progress, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            using var trained = TrainedModel.Load(run);
            if (Read(run, trained) is not null) return;
            progress?.Invoke("fitting the thresholds of anomalies to the rows that were trained on ...");
            using var slots = new EvaluationSlots(trained, workers);
            var fitted = Fit(trained, data, slots, cancellation);
            new DiskRunFiles().Replace(Path.Combine(run, RunDirectory.ThresholdsFile), stream => JsonSerializer.Serialize(stream, fitted, s_json));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CorruptFileException)
        {
            throw new UserErrorException($"{run}: {RunDirectory.ThresholdsFile} cannot be written: {error.Message}; train --resume does it again", error);
        }
    }

    static double QuantileOf(Job job) => ((AnomalyTask)job.Task).Quantile;

    // Where no window ends with a whole row nothing was seen that others could be out of.
    static double At(ReadOnlySpan<double> ascending, double quantile) => ascending.Length == 0 ? double.MaxValue : ascending[(int)Math.Ceiling(quantile * ascending.Length) - 1];

    /// <summary>Scores of the rows that windows end with, of which there may be very many.</summary>
    sealed class TrainingScores(WindowTask task, Table table, SampleSet windows, int width) : Judge
    {
        int _taken;

        /// <summary>The scores in the order of the windows, which is that of the series.</summary>
        public List<double> Values { get; } = [];

        /// <summary>For each series up to the last that has a score, the place of its first one.</summary>
        public List<int> FirstOfSeries { get; } = [];

        public override void Take(ReadOnlySpan<float> outputs, in Batch batch, int rows)
        {
            for (var row = 0; row < rows; row++)
            {
                var (last, score, at) = (windows.FirstRowOf(_taken++) + task.Rows - 1, new WindowScore(), 0);
                for (var step = task.Context; step < task.Rows; step++)
                {
                    at = ((step * rows) + row) * width;
                    score.Add(outputs.Slice(at, width), batch.Values.Slice(at, width));
                }

                if (!batch.Values.Slice(at, width).Contains(float.NaN)) Add(last, score.Value);
            }
        }

        public override Evaluation Complete(Evaluation evaluation) => evaluation;

        void Add(int row, double score)
        {
            while (FirstOfSeries.Count < table.Series.Count && table.Series[FirstOfSeries.Count].First <= row) FirstOfSeries.Add(Values.Count);
            Values.Add(score);
        }
    }
}
