using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using LstmCluster.Protocol;

namespace Trainer.Coordinator.Tests;

/// <summary>A job file of each kind of task, with files of data that follow from a formula: as small as lets a run go through several passes.</summary>
static class SmallTask
{
    const int Rows = 60;

    static readonly string[] s_words = ["whale", "sea", "ship", "the", "of", "white", "ahab", "boat"];

    public static IReadOnlyList<string> Names { get; } =
        ["words", "byte pairs", "tagger", "classifier of texts", "classifier of vectors", "seq2seq", "forecaster", "anomaly", "regressor", "regressor of steps"];

    /// <summary>Writes the data of a task into a folder and reads its job file.</summary>
    public static Job Write(string name, TemporaryFolder folder) => JobReader.Parse(name switch
    {
        "words" => Text(folder, "language-model", "tokens: word, vocabulary: 6", "tied: true, "),
        "byte pairs" => Text(folder, "language-model", "tokens: bpe, vocabulary: 270", ""),
        "tagger" => Yaml(
            "tagger", File(folder, "tagged.txt", row => string.Join(' ', Words(row).Select(word => $"{word}/{(word.Length > 4 ? "LONG" : "SHORT")}"))),
            "format: tagged, bucketing: 2", "layers: [{ lstm: { units: 6, bidirectional: concatenate } }], characters: { embedding: 3, units: 3 }, wordDropout: 0.2, dropout: 0.2"),
        "classifier of texts" => Yaml(
            "classifier", File(folder, "texts.tsv", row => $"{string.Join(' ', Words(row))}\t{(row % 3 == 0 ? "rare" : "often")}", "in\tout"),
            "input: in, target: out, tokens: word, vocabulary: 6", "layers: [{ lstm: { units: 6, bidirectional: concatenate } }], pooling: mean, dropout: 0.2"),
        "classifier of vectors" => Images(folder),
        "seq2seq" => Yaml(
            "seq2seq", File(folder, "words.dict", row => $"{Spelling(row)}  {string.Join(' ', Spelling(row).Select(letter => $"P{letter}"))}"),
            "format: dictionary, bucketing: 2", "layers: [{ lstm: { units: 4, bidirectional: concatenate } }], decoder: { embedding: 4, layers: [{ lstm: { units: 6 } }], attention: additive, inputFeeding: true, scheduledSampling: 0.3 }, dropout: 0.2"),
        "forecaster" => Yaml(
            "{ forecaster: { context: 7, horizon: 3, relativeTo: mean } }", Table(folder, 90), $"{Columns}, test: 0.1", "layers: [{ lstm: { units: 5, bidirectional: concatenate } }], dropout: 0.2"),
        "anomaly" => Yaml(
            "{ anomaly: { context: 6, horizon: 1, relativeTo: last, label: bad } }", Table(folder, 120), $"{Columns}, series: place",
            "layers: [{ gru: { units: 5 } }], loss: { huber: { delta: 0.5 } }"),
        "regressor" => Yaml("regressor", "synthetic:adding?length=20&count=90", "", "layers: [{ lstm: { units: 5 } }], dropout: 0.1").Replace("length: 12", "length: 22", StringComparison.Ordinal),
        "regressor of steps" => Yaml("regressor", "synthetic:spike-delays?spikes=2&interval=3&range=2&count=90", "", "layers: [{ lstm: { units: 5, peephole: true } }]"),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such task"),
    }, $"{name}.yaml");

    static string Columns =>
        "format: csv, columns: [numeric: { name: y, role: target, missing: previous }, categorical: { name: weather, role: past }, date: { name: day, format: yyyy-MM-dd }]";

    static string Yaml(string task, string source, string data, string model) => $$"""
        name: small
        seed: 11
        task: {{task}}
        data: { source: '{{source}}', validation: 0.2{{(data.Length > 0 ? ", " : "")}}{{data}} }
        model: { {{(task.StartsWith('{') || task == "regressor" ? "" : "embedding: 5, ")}}{{model}} }
        training:
          batch: 8
          length: 12
          shards: 4
          steps: 12
          optimizer: { adam: { rate: 0.01 } }
          clip: { norm: 1.0 }
          validate: { every: 6 }
          checkpoint: { every: 4 steps, keep: 2 }

        """;

    static string Text(TemporaryFolder folder, string task, string data, string model) => Yaml(
        task, File(folder, "text.txt", row => string.Join(' ', Words(row)) + (row % 4 == 0 ? "." : "")), data, model + "layers: [{ lstm: { units: 5 } }], dropout: 0.2")
        .Replace("length: 12", "length: 5", StringComparison.Ordinal);

    static string Images(TemporaryFolder folder)
    {
        byte[] pixels = [.. Enumerable.Range(0, Rows * 12).Select(index => (byte)(index * index * 7))], labels = [.. Enumerable.Range(0, Rows).Select(row => (byte)(row * row % 3))];
        Idx(folder["images"], [Rows, 3, 4], pixels);
        Idx(folder["labels"], [Rows], labels);
        return Yaml("classifier", folder["images"], $"format: idx, targetSource: '{folder["labels"]}', features: 4", "layers: [{ lstm: { units: 6 } }], dropout: 0.2")
            .Replace("embedding: 5, ", "", StringComparison.Ordinal);
    }

    static void Idx(string path, int[] extents, byte[] numbers)
    {
        var head = new byte[4 + (4 * extents.Length)];
        (head[2], head[3]) = (8, (byte)extents.Length);
        foreach (var (dimension, extent) in extents.Index()) BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4 + (4 * dimension)), extent);
        System.IO.File.WriteAllBytes(path, [.. head, .. numbers]);
    }

    /// <summary>Rows of two series that take turns in the file, with a missing number now and then.</summary>
    static string Table(TemporaryFolder folder, int rows) => File(
        folder, "table.csv",
        row => string.Create(CultureInfo.InvariantCulture, $"{(row % 3 == 0 ? "north" : "south")},{new DateTime(2001, 2, 3).AddDays(row):yyyy-MM-dd},{(row % 17 == 9 ? "" : $"{10 + (row * row % 7)}")},{(row % 2 == 0 ? "sun" : "rain")},{(row % 20 == 7 ? 1 : 0)}"),
        "place,day,y,weather,bad", rows);

    static string File(TemporaryFolder folder, string name, Func<int, string> line, string? head = null, int rows = Rows)
    {
        var text = new StringBuilder();
        if (head is not null) text.Append(head).Append('\n');
        for (var row = 0; row < rows; row++) text.Append(line(row)).Append('\n');
        System.IO.File.WriteAllText(folder[name], text.ToString());
        return folder[name];
    }

    /// <summary>Two to seven words, so that batches are ragged.</summary>
    static IEnumerable<string> Words(int row) => Enumerable.Range(0, 2 + (row * 5 % 6)).Select(word => s_words[((row * 3) + (word * word) + (row * word)) % s_words.Length]);

    static string Spelling(int row) => string.Concat(Enumerable.Range(0, 1 + (row % 5)).Select(letter => (char)('a' + (((row * 5) + (letter * row) + letter) % 6))));
}
