using System.Buffers.Binary;
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
    /// <param name="bad">What becomes of malformed rows.</param>
    /// <param name="place">Where the samples are kept.</param>
    /// <param name="tests">Rows that are all for the last test; none where the job's fraction decides.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">A row is malformed, or the rows are too few.</exception>
    public static SampleData Read(IEnumerable<Row> rows, Job job, string fileName, BadRows bad, SpoolPlace place, IEnumerable<Row>? tests = null, CancellationToken cancellation = default)
    {
        var (inputs, targets) = (InputColumn.Of(job), TargetColumn.Of(job));
        using var reading = new Reading(job, inputs, targets, bad, place);
        reading.Add(rows, null);
        reading.Cut();
        if (tests is not null) reading.Add(tests, DataPart.Test);

        var (training, validation, test) = (reading.Part(DataPart.Training), reading.Part(DataPart.Validation), reading.Part(DataPart.Test));
        var (validates, isTested) = (job.Data.Validation > 0, job.Data.Test > 0 || tests is not null);
        RequireEnough(training.Count, "to train on", "give it more rows, or lower training.shards or data.validation", job, fileName);
        if (validates) RequireEnough(validation.Count, "to validate on", "raise data.validation, lower training.shards, or set data.validation: 0", job, fileName);
        if (isTested) RequireEnough(test.Count, "to test on", "raise data.test, lower training.shards, or set data.test: 0", job, fileName);
        foreach (var sample in training)
        {
            cancellation.ThrowIfCancellationRequested();
            inputs.Count(sample);
            targets.Count(sample, isTrained: true);
        }

        foreach (var sample in validation.Concat(test))
        {
            cancellation.ThrowIfCancellationRequested();
            targets.Count(sample, isTrained: false);
        }

        var vocabulary = inputs.Complete();
        var (classes, targetTokens) = targets.Complete();
        return new SampleData(
            new DataEncoding(vocabulary, classes, targetTokens) { Characters = inputs.Characters }, new SampleSet(Finished(DataPart.Training), job),
            validates ? new SampleSet(Finished(DataPart.Validation), job) : null, isTested ? new SampleSet(Finished(DataPart.Test), job) : null)
        {
            RowsSha256 = reading.Hash(),
            Notices = bad.Notices,
        };

        IReadOnlyList<Sample> Finished(DataPart part) => reading.Part(part, sample => targets.Finish(inputs.Finish(sample)));
    }

    /// <summary>Refuses a part with fewer samples than shards.</summary>
    public static void RequireEnough(int count, string purpose, string remedy, Job job, string fileName)
    {
        // A step gives each shard a row, and so does each chunk of a validation.
        if (count < job.Training.Shards)
            throw UserErrorException.At(fileName, $"{count} rows {purpose} are too few: one for each of training.shards {job.Training.Shards} is needed; {remedy}");
    }

    /// <summary>Rows that have been read so far.</summary>
    sealed class Reading(Job job, InputColumn inputs, TargetColumn targets, BadRows bad, SpoolPlace place) : IDisposable
    {
        readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        readonly bool _isGrouped = job.Task is SequenceToSequenceTask;
        readonly SampleSpool _samples = new(place);

        /// <summary>Reads rows.</summary>
        /// <param name="rows">The rows.</param>
        /// <param name="part">What they are for; null where the split decides.</param>
        public void Add(IEnumerable<Row> rows, DataPart? part)
        {
            foreach (var row in rows)
            {
                if (Sample(row) is not { } sample) continue;
                if (_isGrouped) sample = sample with { Group = GroupOf(row.Input.Text) };
                _samples.Add(sample, part ?? (job.Data.Split == SplitKind.Order ? DataPart.Training : HeldOut.PartOf(row.Key, job.Data)));
                _hash.AppendData(Encoding.UTF8.GetBytes($"{row.Input.Text}\t{row.Target.Text}\n"));
            }
        }

        /// <summary>Holds out the last rows, where their order decides.</summary>
        public void Cut()
        {
            if (job.Data.Split == SplitKind.Order) _samples.Cut(TextCut.ByOrder(_samples.Count, job.Data.Validation, job.Data.Test));
        }

        /// <inheritdoc cref="SampleSpool.Part"/>
        public IReadOnlyList<Sample> Part(DataPart part, Func<Sample, Sample>? finish = null) => _samples.Part(part, finish);

        public string Hash() => Convert.ToHexStringLower(_hash.GetHashAndReset());

        public void Dispose() => _hash.Dispose();

        /// <summary>Half of a hash is enough: that two of all texts there are have the same is less likely than that the machine errs.</summary>
        static UInt128 GroupOf(string text)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
            return BinaryPrimitives.ReadUInt128LittleEndian(hash);
        }

        /// <summary>A row as a sample; null when it is left out.</summary>
        Sample? Sample(in Row row)
        {
            try
            {
                return Fit(targets.Read(row, inputs.Read(row.Input)), row);
            }
            catch (UserErrorException error)
            {
                bad.Take(error);
                return null;
            }
        }

        /// <summary>The sample within the allowed length; null when it is left out.</summary>
        Sample? Fit(Sample sample, in Row row)
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
    }
}
