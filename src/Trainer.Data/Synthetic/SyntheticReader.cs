using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>From a job with a source that is made to its samples.</summary>
static class SyntheticReader
{
    /// <summary>The samples; what is held out has sequences of its own.</summary>
    /// <exception cref="UserErrorException">They are too few, or too long.</exception>
    public static SampleData Of(Job job)
    {
        var (options, data) = (SyntheticOptions.Parse(job.Data.Source), job.Data);
        var cut = TextCut.ByOrder(options.Count, data.Validation, data.Test);
        return new SampleData(
            new DataEncoding(null), Set(options, 0, cut.Training, "to train on"),
            data.Validation > 0 ? Set(options, cut.Training, cut.Validation, "to validate on") : null, Test())
        {
            // What is made is told by the sources and the seed, which a resumed run keeps.
            RowsSha256 = data.TestSource is { } tests ? $"{data.Source} {tests}" : data.Source,
        };

        SampleSet? Test()
        {
            if (data.TestSource is not { } source) return data.Test > 0 ? Set(options, cut.Training + cut.Validation, cut.Test, "to test on") : null;

            // Numbered behind those of the other source, so that no sequence is drawn as one of them was.
            var tests = SyntheticOptions.Parse(source);
            SampleReader.RequireEnough(tests.Count, "to test on", "raise count in data.testSource, or lower training.shards", job, $"data.testSource {source}");
            return new SampleSet(new SyntheticSamples(tests, job.Seed, options.Count, tests.Count), job);
        }

        SampleSet Set(SyntheticOptions made, int first, int count, string purpose)
        {
            SampleReader.RequireEnough(count, purpose, "raise count in data.source, lower training.shards, or change data.validation or data.test", job, $"data.source {data.Source}");
            return new SampleSet(new SyntheticSamples(made, job.Seed, first, count), job);
        }
    }
}
