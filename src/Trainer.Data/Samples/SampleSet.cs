using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Samples of one part of the data, cut into batches.</summary>
public sealed class SampleSet
{
    readonly IReadOnlyList<Sample> _samples;
    readonly Lazy<SampleGroups> _groups;
    readonly Lazy<DataExtent> _extent;
    readonly int _bucketing;
    readonly GrowthOptions _growth;

    /// <summary>Cuts samples into a job's batches.</summary>
    /// <param name="samples">The samples, at least one for each shard.</param>
    /// <param name="job">The job.</param>
    /// <param name="table">What was learned of the columns of a table; null where the samples are no windows of one.</param>
    /// <exception cref="ArgumentException">There are fewer samples than shards.</exception>
    public SampleSet(IReadOnlyList<Sample> samples, Job job, TableEncoding? table = null)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(job);
        if (samples.Count < job.Training.Shards)
            throw new ArgumentException($"{samples.Count} samples do not give each of {job.Training.Shards} shards one.", nameof(samples));
        (_samples, _bucketing, _growth) = (samples, job.Data.Bucketing ?? 0, job.Training.Growth);
        _groups = new Lazy<SampleGroups>(() => new SampleGroups(samples));
        _extent = new Lazy<DataExtent>(() => new DataExtent(Enumerable.Range(0, Count).Sum(index => (long)StepsOf(index)), Count));
        Cut = new PassCut(samples.Count, job.Training.Batch, job.Training.Shards);
        HasCharacters = job.Model.Characters is not null;
        Features = job.Data.Features ?? table?.Features ?? 0;
        Outputs = (job.Task as RegressorTask)?.Outputs ?? table?.Outputs ?? 0;
        Targets = job.Task switch
        {
            ClassifierTask => SampleTargets.Class,
            TaggerTask => SampleTargets.ClassOfEachStep,
            RegressorTask { Answers: RegressorAnswers.Step } or WindowTask => SampleTargets.ValuesOfEachStep,
            RegressorTask => SampleTargets.Values,
            SequenceToSequenceTask => SampleTargets.Sequence,
            _ => throw new ArgumentException($"{job.Task} has no samples.", nameof(job)),
        };
    }

    /// <summary>Number of samples.</summary>
    public int Count => _samples.Count;

    /// <summary>How a pass is cut into batches.</summary>
    public PassCut Cut { get; }

    /// <summary>Time steps of a sample that training reads at most in a step.</summary>
    /// <param name="epoch">The step's pass, from 0.</param>
    /// <param name="first">First row of the step's batch.</param>
    public int LengthAt(long epoch, int first) => _growth.LengthAt((epoch * Cut.Count) + (first / Cut.Batch));

    /// <summary>True when the characters of each token are read.</summary>
    public bool HasCharacters { get; }

    /// <summary>D, features of a time step; 0 for tokens.</summary>
    public int Features { get; }

    /// <summary>Values of a target; 0 for classes.</summary>
    public int Outputs { get; }

    /// <summary>What is to be told of a sample.</summary>
    public SampleTargets Targets { get; }

    /// <summary>True when the targets are values, false when they are classes.</summary>
    public bool HasValues => Targets is SampleTargets.Values or SampleTargets.ValuesOfEachStep;

    /// <summary>Samples and their time steps.</summary>
    public DataExtent Extent => _extent.Value;

    /// <summary>What puts rows of like length together; null where the job wants none.</summary>
    internal LengthBuckets? Buckets() => _bucketing == 0 ? null : new LengthBuckets([.. Enumerable.Range(0, Count).Select(LengthOf)], Cut, _bucketing);

    /// <summary>Time steps of a sample's input, and of its target where that is a sequence.</summary>
    int LengthOf(int index) => StepsOf(index) + (Targets == SampleTargets.Sequence ? ClassesOf(index) : 0);

    int StepsOf(int index) => _samples is IMadeSamples made ? made.StepsOf(index) : _samples[index].Steps;

    int ClassesOf(int index) => _samples is IMadeSamples made ? made.ClassesOf(index) : _samples[index].Classes.Length;

    /// <summary>The first row of a window in its table, without the window.</summary>
    /// <param name="index">Its place.</param>
    public int FirstRowOf(int index) => _samples is IMadeSamples made ? made.FirstRowOf(index) : _samples[index].FirstRow;

    /// <summary>The samples with the same input as one of them, itself among them.</summary>
    /// <param name="index">Its place.</param>
    /// <returns>Their places, ascending.</returns>
    public IEnumerable<int> AlternativesOf(int index) => _groups.Value.Of(_samples[index].Group);

    /// <summary>A sample.</summary>
    /// <param name="index">Its place in the file, among those of its part.</param>
    public Sample this[int index] => _samples[index];
}

/// <summary>What is to be told of a sample, and so what its loss positions are.</summary>
public enum SampleTargets
{
    /// <summary>One class: positions are [1,N].</summary>
    Class,

    /// <summary>A class for each time step: positions are [T,N].</summary>
    ClassOfEachStep,

    /// <summary>Values: positions are [1,N].</summary>
    Values,

    /// <summary>Values for each time step, NaN where there are none: positions are [T,N].</summary>
    ValuesOfEachStep,

    /// <summary>A sequence with its end: positions are [U,N].</summary>
    Sequence,
}
