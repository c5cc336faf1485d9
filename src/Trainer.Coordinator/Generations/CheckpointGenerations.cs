using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Generations that begin at the newest checkpoint of the run directory, or at the job's beginning while there is none.</summary>
/// <param name="settings">What they have in common.</param>
public sealed class CheckpointGenerations(GenerationSettings settings) : IGenerations, IDisposable
{
    readonly Job _job = settings.Job;
    readonly UpdateRule _rule = UpdateMapping.Of(settings.Job.Training, settings.Model.Parameters);
    readonly Dictionary<string, string> _metadata = new([new("format", "pt"), .. settings.Data.Encoding.ToMetadata(), .. settings.Data.Fingerprint]);
    readonly RunClock _clock = new(settings.Job.Training.Checkpoint.Every);
    readonly List<string> _refused = [];
    readonly List<Noticed> _notices = [];
    StartState? _verified;
    bool _existed, _hasStarted;

    /// <summary>Which other processes take part.</summary>
    public Attendance Attendance { get; } = new();

    CheckpointContent Content => new(settings.Model.Parameters, _rule.StateNames, _job.Training.Shards, settings.Model.StateSize);

    /// <summary>Finds, before anything is changed, whether the run can go on with this job and these data. What it reads is what the first generation begins with.</summary>
    /// <exception cref="UserErrorException">It cannot.</exception>
    /// <exception cref="IOException">The run directory cannot be read.</exception>
    public void Verify()
    {
        _existed = true;
        var newest = Store(settings.Files, default).Newest();
        if (newest is not null) RequireUsable(newest);
        _verified = Start(newest);
    }

    /// <summary>The end of a run whose steps are done and whose result stands: all that was left for it was to tell everybody.</summary>
    /// <remarks>The result is written when nothing can go wrong any more, and before anybody leaves; a coordinator that dies between the two leaves no worker that could repeat the last validation.</remarks>
    /// <returns>The end, without what only the one who trained has measured; null when there is something left to do.</returns>
    /// <exception cref="IOException">The run directory cannot be read.</exception>
    public RunFinished? FindEnd()
    {
        var store = Store(settings.Files, default);
        if (store.Newest() is not { } newest || !IsLast(newest.Manifest)) return null;

        // Best by another metric, or by none, is for a generation to find out.
        var shown = _job.Training.KeepBest ? newest.Manifest.Validations : null;
        if (shown is not null && shown.Metric != new ValidationScoring(_job, settings.Data.Encoding).Metric) return null;
        var best = shown;
        if ((best?.BestStep is { } step && step != newest.Manifest.Step ? store.Load(step) : newest) is not { } left) return null;
        if (!settings.Files.List(settings.Run).Contains(RunDirectory.WeightsFile)) return null;
        var expected = ResultWeights.HashOf(left);
        try
        {
            using var result = settings.Files.OpenRead(Path.Combine(settings.Run, RunDirectory.WeightsFile));
            return Safetensors.Read(result).DataSha256 == expected
                ? new RunFinished(newest.Manifest.Step, TrainLoss: null, ValidationLoss: best?.BestLoss, TokensPerSecond: 0, Seconds: 0, expected, settings.Run)
                {
                    Best = BestValidation.Of(best),
                    StoppedEarly = newest.Manifest.Step < _job.Training.Steps ? true : null,
                }
                : null;
        }
        catch (CorruptFileException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public string? NewestCheckpoint()
    {
        var store = Store(settings.Files, default);
        return store.Newest() is { } newest ? store.PathOf(newest.Manifest.Step) : null;
    }

    /// <inheritdoc/>
    public Generation Begin(Term term, ActorRef keeper)
    {
        var fence = new RunFence(new RunTerms(settings.Files, settings.Run), term, settings.Lost);
        fence.Check();
        var files = new FencedRunFiles(settings.Files, fence);
        RunLeftovers.Remove(files, settings.Run, term);
        var store = Store(files, term);
        var start = _verified ?? Start(store.Newest());
        _verified = null;
        if (_job.Training.KeepBest && start.Validations?.BestStep is { } best && best != start.Step.Value && !store.Holds(best))
        {
            start.ForgetBest();
            _notices.Add(new Noticed($"the best weights so far, those after step {best}, are not there any more: the best is sought anew"));
        }

        var parts = new GenerationParts(
            settings, start, new WeightCaches(settings.Model, settings.Pool), term, keeper, _clock, Attendance,
            coordinator => new Checkpointer(store, files, settings.Run, Content, _metadata, _job.Seed, _job.Training.Checkpoint.Keep, coordinator, term));
        return parts.Assemble(TakeEvents(start, term));
    }

    /// <summary>Gives back what was read and not begun with.</summary>
    public void Dispose() => _verified?.Dispose();

    StartState Start(Checkpoint? checkpoint) => checkpoint is null
        ? StartState.Initial(_job, _rule, settings.Model.Parameters, settings.Pool)
        : StartState.Of(checkpoint, Content, settings.Pool);

    /// <summary>True when no steps are left to do after a checkpoint.</summary>
    bool IsLast(CheckpointManifest manifest) =>
        manifest.Step == _job.Training.Steps
        || (_job.Training.StopEarly.Patience is > 0 and var patience && manifest.Validations is { } shown && shown.SinceBest >= patience && shown.Metric == new ValidationScoring(_job, settings.Data.Encoding).Metric);

    void RequireUsable(Checkpoint checkpoint)
    {
        var (done, steps) = (checkpoint.Manifest.Step, _job.Training.Steps);
        if (done > steps) throw UserErrorException.At(settings.Run, $"has done {done} steps; to go on with it, training.steps must be at least that, got {steps}");
        foreach (var (key, value) in _metadata)
        {
            if (checkpoint.Metadata.TryGetValue(key, out var trained) && trained != value)
                throw UserErrorException.At(settings.Run, $"the data have changed since this run began (their {key} differs); train anew with --run DIR");
        }
    }

    List<TrainingEvent> TakeEvents(StartState start, Term term)
    {
        List<TrainingEvent> events = [.. _refused.Select(reason => new CheckpointRefused(reason)), .. _notices];
        _refused.Clear();
        _notices.Clear();
        if (_hasStarted) return events;
        _hasStarted = true;
        if (_existed && !start.HasCheckpoint) events.Add(new Noticed($"{settings.Run} has no checkpoint to go on from: training starts from the beginning"));
        var data = settings.Data;
        events.Add(new RunStarted(
            settings.Run, _job.Name, start.Step.Value, _job.Training.Steps, settings.Model.Parameters.Length, data.Encoding.Inputs?.Size ?? 0,
            data.TrainingExtent.Tokens, data.ValidationExtent?.Tokens ?? 0, _job.Training.Shards, settings.Devices.Count)
        {
            TrainingRows = data.TrainingExtent.Rows,
            ValidationRows = data.TrainingExtent.Rows is null ? null : data.ValidationExtent?.Rows ?? 0,
            Term = term.Value,
        });
        events.AddRange(settings.Announcements);
        return events;
    }

    CheckpointStore Store(IRunFiles files, Term term) => new(files, settings.Run, _refused.Add, "w", term);
}
