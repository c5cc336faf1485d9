using System.Text;

namespace Cluster.Support;

/// <summary>A folder of its own with a small text and a small job: two layers, dropout, clipping, several passes over the text.</summary>
public sealed class Workspace : IDisposable
{
    public const string Job = """
        name: small
        seed: 7
        task: language-model
        data:
          source: text.txt
          tokens: char
          validation: 0.2
        model:
          embedding: 8
          layers:
            - lstm: { units: 16 }
            - lstm: { units: 16 }
          dropout: 0.2
        training:
          batch: 8
          length: 8
          shards: 8
          steps: 200
          optimizer: { adam: { rate: 0.01 } }
          clip: { norm: 1.0 }
          checkpoint: { every: 10 steps, keep: 3 }

        """;

    public Workspace()
    {
        Folder = Directory.CreateTempSubdirectory("lstm-cluster-test-").FullName;
        Write("job.yaml", Job);
        Write("text.txt", Text(4000));
    }

    public string Folder { get; }

    public string this[string name] => Path.Combine(Folder, name);

    public void Write(string name, string text) => File.WriteAllText(this[name], text);

    public Task<CommandResult> RunAsync(params string[] arguments) => Command.RunAsync(Folder, arguments);

    /// <summary>Trains the job with JSON output.</summary>
    public Task<CommandResult> TrainAsync(params string[] arguments) => Command.RunAsync(Folder, ["train", "job.yaml", "--json", .. arguments]);

    public RunningCommand Start(params string[] arguments) => Command.Start(Folder, ["train", "job.yaml", "--json", .. arguments]);

    /// <summary>Waits until a file or directory is there; the folder that it comes to stand in must be there.</summary>
    public async Task WaitForAsync(string name)
    {
        var appeared = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(this[name])!);
        watcher.Created += (_, _) => Look();
        watcher.Renamed += (_, _) => Look();
        watcher.EnableRaisingEvents = true;
        Look();
        await appeared.Task.WaitAsync(TimeSpan.FromMinutes(1));

        void Look()
        {
            if (Path.Exists(this[name])) appeared.TrySetResult();
        }
    }

    /// <summary>Copies a directory of this folder.</summary>
    public void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(this[from], "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(this[to], Path.GetRelativePath(this[from], file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Words of a fixed pseudo-random sequence, so that there is something to learn and every run sees the same.</summary>
    public static string Text(int length)
    {
        string[] words = ["whale", "sea", "ship", "the", "of", "and", "white", "ahab", "boat", "called"];
        var text = new StringBuilder();
        var state = 1u;
        while (text.Length < length)
        {
            state = (state * 1664525) + 1013904223;
            text.Append(words[(state >> 16) % (uint)words.Length]).Append((state >> 8) % 7 == 0 ? '\n' : ' ');
        }

        return text.ToString(0, length);
    }
}
