using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

public class JobDocumentationTests
{
    const string Header = "| key | type | default | meaning | allowed |";

    [Fact]
    public void The_table_in_the_documentation_has_every_key_as_the_reader_knows_it()
    {
        var lines = File.ReadAllLines(Path.Combine(Repository(), "docs", "job-file.md"));
        var table = lines.SkipWhile(line => line != Header).Skip(2).TakeWhile(line => line.StartsWith('|'));

        table.ShouldBe(JobKeys.All.Select(key => key.ToTableRow()));
    }

    [Theory]
    [InlineData("task: language-model", "source: x.txt", "tokens=char split=order")]
    [InlineData("task: classifier", "source: x.tsv, input: a, target: b", "format=tsv tokens=char split=hash")]
    [InlineData("task: tagger", "source: x.txt, format: tagged", "tokens=word split=hash")]
    [InlineData("task: seq2seq", "source: x.tsv, input: a, target: b", "tokens=char targetTokens=char")]
    [InlineData("task: seq2seq", "source: x.dict, format: dictionary", "tokens=char targetTokens=word")]
    [InlineData("task: classifier", "source: x, format: idx, targetSource: y, features: 4", "tokens=numbers split=hash")]
    [InlineData("task: { forecaster: { context: 2, horizon: 1 } }", "source: x.csv, columns: [numeric: { name: y, role: target }]", "format=csv tokens=numbers split=order")]
    [InlineData("task: regressor", "source: 'synthetic:adding?length=20&count=90'", "tokens=numbers split=order")]
    public void What_a_job_leaves_out_is_one_of_the_defaults_that_the_documentation_tells(string task, string data, string expected)
    {
        var model = task.Contains("seq2seq", StringComparison.Ordinal) ? "decoder: { layers: [lstm: { units: 1 }] }, " : "";
        var job = Jobs.Read($"name: x\n{task}\ndata: {{ {data} }}\nmodel: {{ {model}layers: [lstm: {{ units: 1 }}] }}\ntraining: {{ steps: 1 }}\n");
        var written = new List<JobFact>();
        JobSchema.Job.Compare("", job, mayChange: false, written);
        foreach (var pair in expected.Split(' ').Select(pair => pair.Split('=')))
        {
            var (key, value) = ($"data.{pair[0]}", pair[1]);
            written.Single(fact => fact.Path == key).Text.ShouldBe(value, key);
            JobKeys.All.Single(described => described.Path == key).Default.ShouldContain($"`{value}`", Case.Sensitive, key);
        }
    }

    [Fact]
    public void The_example_in_the_documentation_is_a_job_file()
    {
        var lines = File.ReadAllLines(Path.Combine(Repository(), "docs", "job-file.md"));
        var example = lines.SkipWhile(line => line != "```yaml").Skip(1).TakeWhile(line => line != "```");

        JobReader.Parse(string.Join('\n', example), "docs/job-file.md").Name.ShouldBe("moby-dick");
    }

    [Fact]
    public void The_examples_of_tasks_in_the_documentation_are_parts_of_job_files()
    {
        var text = File.ReadAllText(Path.Combine(Repository(), "docs", "job-file.md"));
        var examples = text.Split("```yaml\n").Skip(1).Select(part => part.Split("```")[0]).Where(part => part.StartsWith("task:", StringComparison.Ordinal)).ToList();

        examples.Select(example => Jobs.Read($"name: example\n{example}training: {{ steps: 1 }}\n").Task.GetType()).ShouldBe([typeof(ClassifierTask), typeof(LanguageModelTask), typeof(RegressorTask), typeof(ForecasterTask), typeof(SequenceToSequenceTask)]);
        var readme = File.ReadAllText(Path.Combine(Repository(), "README.md")).Split("```yaml\n")[1].Split("```")[0];
        Jobs.Read(readme).Task.ShouldBeOfType<ClassifierTask>();
    }

    [Fact]
    public void Every_key_that_a_job_writes_is_described()
    {
        var described = JobKeys.All.Select(key => key.Path).ToHashSet();
        var written = new List<JobFact>();
        JobSchema.Job.Compare("", Jobs.Read(Jobs.MobyDick), mayChange: false, written);

        written.Select(fact => fact.Path.Replace("[0]", "[]", StringComparison.Ordinal).Replace("[1]", "[]", StringComparison.Ordinal)).ShouldAllBe(path => described.Contains(path) || path == "model.layers[]");
    }

    static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "LstmCluster.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("The tests run outside the repository.");
    }
}
