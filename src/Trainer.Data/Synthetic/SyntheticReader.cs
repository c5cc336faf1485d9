using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>From a job with a source that is made to its samples.</summary>
static class SyntheticReader
{
    /// <summary>The samples; what is held out has sequences of its own.</summary>
    /// <exception cref="UserErrorException">They are too few, or too long.</exception>
    public static SampleData Of(Job job)
    {
        var options = SyntheticOptions.Parse(job.Data.Source);
        var cut = TextCut.ByOrder(options.Count, job.Data.Validation, job.Data.Test);
        return new SampleData(
            new DataEncoding(null), Set(0, cut.Training, "to train on", true)!, Set(cut.Training, cut.Validation, "to validate on", job.Data.Validation > 0),
            Set(cut.Training + cut.Validation, cut.Test, "to test on", job.Data.Test > 0))
        {
            // What is made is told by the source and the seed, which a resumed run keeps.
            RowsSha256 = job.Data.Source,
        };

        SampleSet? Set(int first, int count, string purpose, bool isWanted)
        {
            if (!isWanted) return null;
            SampleReader.RequireEnough(count, purpose, "raise count in data.source, lower training.shards, or change data.validation or data.test", job, $"data.source {job.Data.Source}");
            return new SampleSet(new SyntheticSamples(options, job.Seed, first, count), job);
        }
    }
}
