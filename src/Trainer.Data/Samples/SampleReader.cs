using System.Security.Cryptography;
using System.Text;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>From rows of text to samples of numbers.</summary>
static class SampleReader
{
    /// <summary>Reads all rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="job">What they mean.</param>
    /// <param name="fileName">What errors call the file.</param>
    /// <exception cref="UserErrorException">A row is malformed, or the rows are too few.</exception>
    public static SampleData Read(IEnumerable<Row> rows, Job job, string fileName)
    {
        var (inputs, targets) = (InputColumn.Of(job.Data), TargetColumn.Of(job));
        var (training, validation) = (new List<Sample>(), new List<Sample>());
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var row in rows)
        {
            if (Fit(targets.Read(row.Target, inputs.Read(row.Input)), row, inputs, targets, job) is not { } sample) continue;
            (HeldOut.Has(row.Input.Text, job.Data.Validation) ? validation : training).Add(sample);
            hash.AppendData(Encoding.UTF8.GetBytes($"{row.Input.Text}\t{row.Target.Text}\n"));
        }

        RequireEnough(training.Count, "to train on", "give it more rows, or lower training.shards or data.validation", job, fileName);
        if (job.Data.Validation > 0)
            RequireEnough(validation.Count, "to validate on", "raise data.validation, lower training.shards, or set data.validation: 0", job, fileName);
        var vocabulary = inputs.Complete(training, validation);
        var (classes, targetTokens) = targets.Complete(training, validation);
        return new SampleData(
            new DataEncoding(vocabulary, classes, targetTokens), new SampleSet(training, job), job.Data.Validation > 0 ? new SampleSet(validation, job) : null)
        {
            RowsSha256 = Convert.ToHexStringLower(hash.GetHashAndReset()),
        };
    }

    /// <summary>The sample within the allowed length; null when it is left out.</summary>
    static Sample? Fit(Sample sample, in Row row, InputColumn inputs, TargetColumn targets, Job job)
    {
        var longest = job.Training.Length;
        var (input, target) = (sample.Steps, targets.StepsOf(sample));
        if (input <= longest && target <= longest) return sample;
        if (job.Data.Longer == LongerRows.Skip) return null;
        if (job.Data.Longer == LongerRows.Cut) return targets.Cut(input > longest ? inputs.Cut(sample, longest) : sample, longest);
        throw input > longest
            ? row.Input.Error($"has {input} {inputs.StepNoun}s, expected at most training.length {longest}; raise it, or set data.longer to cut or skip")
            : row.Target.Error($"has {target} tokens, expected at most training.length {longest}; raise it, or set data.longer to cut or skip");
    }

    static void RequireEnough(int count, string purpose, string remedy, Job job, string fileName)
    {
        // A step gives each shard a row, and so does each chunk of a validation.
        if (count < job.Training.Shards)
            throw UserErrorException.At(fileName, $"{count} rows {purpose} are too few: one for each of training.shards {job.Training.Shards} is needed; {remedy}");
    }
}
