using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

public class JobWriterTests
{
    [Fact]
    public void Any_job_reads_back_as_it_was_written() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(JobGenerator.Any.ToArbitrary(), job =>
        {
            var text = JobWriter.Write(job);
            return Jobs.Read(text).Equals(job).Label(text);
        }));

    [Fact]
    public void Every_default_is_written_out()
    {
        var text = JobWriter.Write(Jobs.Read(Jobs.Smallest));

        text.ShouldBe("""
            name: small
            seed: 42
            task: language-model
            data:
              source: text.txt
              tokens: char
              split: order
              validation: 0.1
              test: 0
            model:
              embedding: 64
              wordDropout: 0
              inputDropout: 0
              layers:
              - lstm:
                  units: 8
                  forgetBias: 1
                  peephole: false
                  layerNorm: false
                  coupledInputForget: false
                  projection: 0
                  cellClip: 0
                  recurrentDropout: 0
                  zoneoutHidden: 0
                  zoneoutCell: 0
                  bidirectional: none
                  initialization:
                    kernel: uniform
                    recurrent: uniform
                  learnedState: false
              dropout: 0
              residual: false
              layerNorm: false
              tied: false
              loss:
                cross-entropy:
                  smoothing: 0
            training:
              batch: 32
              length: 64
              growth:
                from: 0
                every: 1000
                to: 0
              shards: 8
              recompute: 0
              gradients: fp32
              precision: fp32
              steps: 10
              optimizer:
                adam:
                  rate: 0.001
                  beta1: 0.9
                  beta2: 0.999
                  epsilon: 1E-08
              schedule: constant
              clip: none
              rates: {}
              average: none
              checkpoint:
                every: 30s
                keep: 3
              validate:
                every: 0
                metric: loss
              keepBest: false
              stopEarly:
                patience: 0

            """);
    }
}
