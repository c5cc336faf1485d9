
namespace Trainer.Cli.Tests;

/// <summary>Whatever a person gets wrong ends with exit code 2 and one line that names the place and what is expected there.</summary>
public sealed class BadInputTests
{
    static readonly Dictionary<string, BadInput> s_cases = new()
    {
        ["no command"] = new("", "expected train"),
        ["unknown command"] = new("trian job.yaml", "trian", "expected train"),
        ["unknown command of data"] = new("data fetch x", "fetch", "expected get"),
        ["no job"] = new("train", "JOB", "job file"),
        ["unknown option"] = new("train job.yaml --wrokers 2", "--wrokers", "train --help"),
        ["one argument too many"] = new("train job.yaml other.yaml", "other.yaml", "train --help"),
        ["option without a value"] = new("train job.yaml --workers", "--workers"),
        ["workers zero"] = new("train job.yaml --workers 0", "--workers", "from 1", "\"0\""),
        ["workers negative"] = new("train job.yaml --workers -3", "--workers", "from 0", "\"-3\""),
        ["fewest workers that cannot come"] = new("train job.yaml --workers 1 --min-workers 2", "--min-workers 2", "--listen"),
        ["listening for other machines"] = new("train job.yaml --listen 0.0.0.0:0", "--listen 0.0.0.0:0", "--security DIR", "security init", "127.0.0.1"),
        ["listening for other machines over IPv6"] = new("train job.yaml --listen [::]:0", "--listen [::]:0", "--security DIR"),
        ["listening at a name that does not exist"] = new("train job.yaml --listen nowhere.invalid:4242", "--listen nowhere.invalid:4242", "looked up"),
        ["listening at something that is no name"] = new("train job.yaml --listen one,two:4242", "--listen", "HOST:PORT", "\"one,two:4242\""),
        ["listening at an IPv6 address without brackets"] = new("train job.yaml --listen ::1:4242", "--listen", "HOST:PORT", "[::1]:4242", "\"::1:4242\""),
        ["listening at half an address"] = new("train job.yaml --listen 127.1:4242", "--listen", "HOST:PORT", "\"127.1:4242\""),
        ["advertising what is not listened on"] = new("train job.yaml --advertise trainer:4242", "--advertise trainer:4242", "--listen"),
        ["advertising all networks"] = new("train job.yaml --listen 127.0.0.1:0 --advertise 0.0.0.0:4242", "--advertise 0.0.0.0:4242", "others can connect"),
        ["advertising any port"] = new("train job.yaml --listen 127.0.0.1:0 --advertise trainer:0", "--advertise", "from 1 to 65535", "\"trainer:0\""),
        ["security that is not there"] = new("train job.yaml --listen 0.0.0.0:0 --security nowhere", "nowhere", "no such folder", "security init"),
        ["security of a folder without certificates"] = new("worker --coordinator 127.0.0.1:4242 --security folder", "folder/ca.crt", "no such file", "security init")
        {
            Prepare = w => Directory.CreateDirectory(w["folder"]),
        },
        ["security for nobody else"] = new("train job.yaml --security folder", "--security", "--listen"),
        ["security init into a folder in use"] = new("security init .", ".: is in use"),
        ["security init with a name that is none"] = new("security init security --name a/b", "name of a node", "\"a/b\""),
        ["security init for no time"] = new("security init security --days 0", "--days", "from 1 to 3650", "\"0\""),
        ["security add-node without an authority"] = new("security add-node folder gpu1", "folder/ca.crt", "no such file") { Prepare = w => Directory.CreateDirectory(w["folder"]) },
        ["listening without a port"] = new("train job.yaml --listen 127.0.0.1", "--listen", "HOST:PORT", "\"127.0.0.1\""),
        ["listening at a port that does not exist"] = new("train job.yaml --listen 127.0.0.1:65536", "--listen", "from 0 to 65535"),
        ["pages for other machines"] = new("train job.yaml --http 0.0.0.0:0", "--http 0.0.0.0:0", "--http-allow-remote"),
        ["pages at a name"] = new("train job.yaml --http example.org:9464", "--http", "HOST:PORT", "\"example.org:9464\""),
        ["pages without a port"] = new("train job.yaml --http 127.0.0.1", "--http", "HOST:PORT", "\"127.0.0.1\""),
        ["metrics for no address"] = new("train job.yaml --otlp collector", "--otlp", "http://127.0.0.1:4318", "\"collector\""),
        ["an unknown log format"] = new("train job.yaml --log-format xml", "--log-format", "text or json", "\"xml\""),
        ["status of nothing"] = new("status", "RUN|HOST:PORT"),
        ["worker without a coordinator"] = new("worker", "--coordinator", "--registry", "neither"),
        ["worker with two ways to its coordinator"] = new("worker --coordinator 127.0.0.1:4242 --registry etcd://127.0.0.1:2379/run", "--coordinator", "--registry", "both"),
        ["worker with a registry of its own"] = new("worker --registry embedded", "--registry embedded", "etcd", "--coordinator"),
        ["worker with a registry that is no address"] = new("worker --registry 127.0.0.1:2379", "--registry", "etcd://HOST:PORT", "\"127.0.0.1:2379\""),
        ["parameter server without a coordinator"] = new("parameter-server", "parameter server", "--coordinator", "--registry", "neither"),
        ["parameter server for other machines"] = new("parameter-server --coordinator 127.0.0.1:4242 --listen 0.0.0.0:0", "--listen 0.0.0.0:0", "--security DIR"),
        ["parameter server on two devices"] = new("parameter-server --coordinator 127.0.0.1:4242 --device cpu,cpu", "--device cpu,cpu", "one device"),
        ["parameter server on a GPU"] = new("parameter-server --coordinator 127.0.0.1:4242 --device cuda:0", "--device cuda:0", "host's memory", "there is: cpu"),
        ["registry without a name"] = new("train job.yaml --listen 127.0.0.1:0 --registry etcd://127.0.0.1:2379", "--registry", "the name is missing"),
        ["registry that others cannot follow"] = new("train job.yaml --registry etcd://127.0.0.1:2379/run", "--registry etcd://127.0.0.1:2379/run", "--listen"),
        ["parameter servers that cannot come"] = new("train job.yaml --parameter-server-processes 2", "--parameter-server-processes 2", "--listen"),
        ["nobody who keeps the parameters"] = new("train job.yaml --parameter-servers 0", "--parameter-servers 0", "--parameter-server-processes"),
        ["parameter servers in words"] = new("train job.yaml --parameter-servers some", "--parameter-servers", "whole number", "\"some\""),
        ["worker with a port in words"] = new("worker --coordinator 127.0.0.1:http", "--coordinator", "from 1 to 65535", "\"127.0.0.1:http\""),
        ["worker for another machine"] = new("worker --coordinator 192.0.2.1:4242", "--coordinator 192.0.2.1:4242", "--security DIR", "127.0.0.1"),
        ["worker for a name"] = new("worker --coordinator trainer:4242", "--coordinator trainer:4242", "--security DIR"),
        ["worker without slots"] = new("worker --coordinator 127.0.0.1:4242 --slots 0", "--slots", "from 1", "\"0\""),
        ["worker on an unknown device"] = new("worker --coordinator 127.0.0.1:4242 --device tpu", "--device tpu", "there is: cpu"),
        ["worker with slots and devices"] = new("worker --coordinator 127.0.0.1:4242 --device cpu,cpu --slots 3", "--slots 3", "--device cpu,cpu"),
        ["workers in words"] = new("train job.yaml --workers many", "--workers", "whole number", "\"many\""),
        ["unknown device"] = new("train job.yaml --device tpu", "--device tpu", "there is: cpu"),
        ["cuda"] = new("train job.yaml --device cuda:99", "--device cuda:99", "there is: cpu"),
        ["opencl"] = new("train job.yaml --device cpu,opencl:99", "--device opencl:99", "there is: cpu"),
        ["a worker's GPU"] = new("worker --coordinator 127.0.0.1:4242 --device cuda:99", "--device cuda:99", "there is: cpu"),
        ["a GPU to evaluate on"] = new("eval runs/none --device opencl:99", "--device opencl:99", "there is: cpu"),
        ["no worker to evaluate with"] = new("eval runs/none --workers 0", "--workers", "from 1"),
        ["weights of neither kind"] = new("eval runs/none --weights newest", "--weights", "last or best", "newest"),
        ["two devices to write on"] = new("generate runs/none --device cpu,cpu", "--device cpu,cpu", "expected one device"),
        ["an unknown precision"] = new("train job.yaml --set training.precision=fp8", "training.precision", "fp32, tf32, bf16", "\"fp8\""),
        ["devices and workers"] = new("train job.yaml --device cpu,cpu --workers 3", "--workers 3", "--device cpu,cpu"),

        ["missing job file"] = new("train nowhere.yaml", "nowhere.yaml", "no such job file"),
        ["directory as job file"] = new("train folder", "folder", "directory", "job file") { Prepare = w => Directory.CreateDirectory(w["folder"]) },
        ["empty job file"] = new("train job.yaml", "job.yaml", "empty") { Prepare = w => w.Write("job.yaml", "") },
        ["job file that is not text"] = new("train job.yaml", "job.yaml", "UTF-8") { Prepare = w => File.WriteAllBytes(w["job.yaml"], [0x80, 0x81]) },
        ["YAML syntax"] = Edited("seed: 7", "seed: [7", "job.yaml:2", "YAML"),
        ["unknown key"] = Edited("  batch: 8", "  bacth: 8", "job.yaml:15", "training.bacth", "did you mean batch"),
        ["wrong type"] = Edited("units: 16", "units: many", "job.yaml:11", "model.layers[0].lstm.units", "\"many\""),
        ["zero size"] = Edited("embedding: 8", "embedding: 0", "job.yaml:9", "model.embedding", "0"),
        ["negative size"] = Edited("length: 8", "length: -8", "job.yaml:16", "training.length", "-8"),
        ["shards that do not divide the batch"] = Edited("shards: 8", "shards: 3", "training.shards", "training.batch", "3"),
        ["a name with a slash"] = Edited("name: small", "name: ../small", "job.yaml:1", "name"),

        ["override without a value"] = new("train job.yaml --set training.steps", "--set training.steps", "key.path=value"),
        ["override of an unknown key"] = new("train job.yaml --set training.stepz=3", "--set training.stepz=3", "did you mean steps"),
        ["override with a wrong type"] = new("train job.yaml --set training.steps=soon", "--set training.steps=soon", "training.steps", "\"soon\""),

        ["missing data file"] = new("train job.yaml", "data.source", "text.txt", "expected a file") { Prepare = w => File.Delete(w["text.txt"]) },
        ["empty text"] = new("train job.yaml", "text.txt", "empty") { Prepare = w => w.Write("text.txt", "") },
        ["text shorter than one batch"] = new("train job.yaml", "text.txt", "too few", "training.batch") { Prepare = w => w.Write("text.txt", "Call me Ishmael.") },
        ["text that is not UTF-8"] = new("train job.yaml", "text.txt", "byte 8 ", "UTF-8")
        {
            Prepare = w => File.WriteAllBytes(w["text.txt"], [.. "Call me "u8, 0xe9, .. "Ishmael"u8]),
        },
        ["rows without the column that is asked for"] = Rows("text\tlabel\nsea\tA\n", "rows.tsv:1", "no column is named \"in\"", "data.input"),
        ["a row with too few cells"] = Rows("in\tout\nsea\tA\nship\n", "rows.tsv:3", "1 cell", "expected 2"),
        ["a tag too few"] = Rows("in\tout\nthe sea\tA\n", "rows.tsv:2", "\"out\"", "1 tags for 2 steps"),
        ["a row that is too long"] = Rows("in\tout\na b c d e f g h i\tA A A A A A A A A\n", "rows.tsv:2", "9 words", "training.length 8", "data.longer"),
        ["rows too few for the shards"] = Rows("in\tout\nsea\tA\n", "rows.tsv", "1 rows to train on", "training.shards 8"),
        ["rows without a name of a column"] = Rows("in\tout\nsea\tA\n", "--set data=", "data.target is missing", "column") with { Arguments = ["train", "job.yaml", "--set", "data={ source: rows.tsv, input: in }"] },
        ["an empty part by the hash"] = new("train job.yaml --set data.split=hash", "data.split: hash", "1 files", "data.split: order"),
        ["a pattern of no file"] = new("train job.yaml --set data.source=none*.csv", "data.source none*.csv", "no file at all"),
        ["more held out than there is"] = new("train job.yaml --set data.test=0.8", "data.test", "less than 1 together"),
        ["a limit of characters"] = new("train job.yaml --set data.vocabulary=100", "data.vocabulary", "limits words"),
        ["a table without the column that is asked for"] = Table("day,sold\n1,2\n", "t.csv:1", "no column is named \"y\"", "data.columns"),
        ["a table with a word for a number"] = Table("y\n1\nmany\n", "t.csv:3", "\"y\"", "\"many\"", "decimal number"),
        ["a table that is too short"] = Table("y\n1\n2\n3\n", "t.csv", "0 windows of 5 rows", "training.shards 8"),
        ["a table without a target"] = Table("y\n1\n", "job.yaml:", "data.columns", "role: target") with { Arguments = ["train", "job.yaml", "--set", "data.columns[0].numeric.role=known"] },
        ["a sentence without tags"] = Formatted("tagger", "format: tagged", "the/D sea\n", "rows.txt:1", "\"sea\"", "a slash and its tag"),
        ["a tag without another name"] = Formatted("tagger", "format: tagged, targetMap: map.tsv", "the/D sea/N\n", "rows.txt:1", "\"N\"", "map.tsv", "data.targetMap"),
        ["a format of another task"] = Formatted("regressor", "format: tagged", "the/D\n", "--set data", "data.format", "tagged is for a tagger", "regressor"),
        ["images that are none"] = Formatted("classifier", "format: idx, targetSource: rows.txt, features: 2", "nonsense", "rows.txt", "IDX"),
        ["images without labels"] = Formatted("classifier", "format: idx, features: 2", "nonsense", "--set data", "data.targetSource is missing"),
        ["a package that is none"] = new("train job.yaml --set data.source=deb:nothing", "data.source", "deb:PACKAGE#FILE"),
        ["data that cannot be made"] = new("train job.yaml --set data.source=synthetic:dividing", "data.source", "synthetic:adding"),
        ["made data for a language model"] = new("train job.yaml --set data.source=synthetic:adding", "data.source", "regressor", "language-model"),
        ["byte pairs without a number"] = new("train job.yaml --set data.tokens=bpe", "data.vocabulary is missing", "bpe"),
        ["eval of an unknown part"] = new("eval folder --part all", "--part", "training, validation or test", "\"all\""),
        ["a language model that runs backwards"] = Edited("units: 16 }\n    - lstm", "units: 16, bidirectional: sum }\n    - lstm", "job.yaml:11", "model.layers[0].lstm.bidirectional", "would see"),
        ["a tagger with a pooling"] = Rows("in\tout\nsea\tA\n", "--set model.pooling=mean", "model.pooling", "answers at every step") with { Arguments = ["train", "job.yaml", "--set", "model.pooling=mean"] },

        ["incomplete npm source"] = new(["train", "job.yaml", "--set", "data.source=npm:left-pad"], "data.source", "npm:PACKAGE@VERSION#FILE"),
        ["no npm client"] = new(["train", "job.yaml", "--set", "data.source=npm:left-pad@1.3.0#README.md"], "data.source", "left-pad", "npm", "Node.js")
        {
            Prepare = w =>
            {
                Directory.CreateDirectory(w["empty"]);
                // The cache may keep its empty folder.
                Directory.CreateDirectory(w["cache/lstm-cluster/npm/left-pad@1.3.0"]);
            },
            Environment = w => [("PATH", w["empty"]), ("XDG_CACHE_HOME", w["cache"])],
        },

        ["run directory under a file"] = new("train job.yaml --run text.txt/run", "text.txt/run", "writable"),
        ["run directory that is a file"] = new("train job.yaml --run text.txt", "text.txt", "directory"),
        ["run directory that nobody can make"] = new("train job.yaml --run /proc/lstm-cluster", "/proc/lstm-cluster", "writable"),
        ["run directory with something else in it"] = new("train job.yaml --run folder", "folder", "job.yaml")
        {
            Prepare = w =>
            {
                Directory.CreateDirectory(w["folder"]);
                w.Write("folder/thesis.tex", "");
            },
        },
        ["run directory without a name"] = new(["train", "job.yaml", "--run", ""], "--run", "directory"),

        ["data get of a missing file"] = new("data get nowhere.txt", "nowhere.txt", "expected a file"),
        ["eval of a missing run"] = new("eval nowhere", "nowhere", "run directory"),
        ["eval of a file"] = new("eval text.txt", "text.txt", "run directory"),
        ["generate from a folder that is no run"] = new("generate folder", "folder", "run directory") { Prepare = w => Directory.CreateDirectory(w["folder"]) },
        ["generate a negative length"] = new("generate folder --length -1", "--length", "from 1", "\"-1\""),
        ["generate with a temperature in words"] = new("generate folder --temperature hot", "--temperature", "a number", "\"hot\""),
        ["bench of a missing job"] = new("bench step nowhere.yaml", "nowhere.yaml", "no such job file"),
    };

    public static TheoryData<string> Names => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Bad_input_is_one_line_and_leaves_nothing_behind(string name)
    {
        var bad = s_cases[name];
        using var workspace = new Workspace();
        bad.Prepare(workspace);
        var before = Files(workspace);

        var result = await Command.RunAsync(workspace.Folder, bad.Arguments, bad.Environment(workspace));

        ShouldBeOneLine(result, bad.Expected);
        Files(workspace).ShouldBe(before, "nothing may be left behind");
    }

    [Fact]
    public async Task A_run_that_exists_needs_resume_and_keeps_its_model()
    {
        using var workspace = new Workspace();
        (await workspace.TrainAsync("--set", "training.steps=2")).ExitCode.ShouldBe(0);

        ShouldBeOneLine(await workspace.RunAsync("train", "job.yaml"), "runs/small", "exists", "--resume");
        ShouldBeOneLine(
            await workspace.RunAsync("train", "job.yaml", "--resume", "--set", "model.layers[1].lstm.units=24"),
            "model.layers[1].lstm.units", "24", "16", "runs/small/job.yaml");
        ShouldBeOneLine(await workspace.RunAsync("train", "job.yaml", "--resume", "--set", "seed=9"), "seed", "9", "7");
    }

    [Fact]
    public async Task A_run_resumed_with_another_text_is_refused()
    {
        using var workspace = new Workspace();
        (await workspace.TrainAsync("--set", "training.steps=2")).ExitCode.ShouldBe(0);
        workspace.Write("text.txt", Workspace.Text(3000));

        ShouldBeOneLine(await workspace.RunAsync("train", "job.yaml", "--resume"), "runs/small", "data");
    }

    [Fact]
    public async Task A_prompt_with_a_character_that_the_model_does_not_know_is_named()
    {
        using var workspace = new Workspace();
        (await workspace.TrainAsync("--set", "training.steps=2")).ExitCode.ShouldBe(0);

        ShouldBeOneLine(await workspace.RunAsync("generate", "runs/small", "--prompt", "the whale é"), "--prompt", "é", "U+00E9");
        ShouldBeOneLine(await workspace.RunAsync("generate", "runs/small", "--prompt", ""), "--prompt", "empty");
    }

    [Fact]
    public async Task A_run_whose_weights_are_damaged_is_refused_by_name()
    {
        using var workspace = new Workspace();
        (await workspace.TrainAsync("--set", "training.steps=2")).ExitCode.ShouldBe(0);
        Directory.Delete(workspace["runs/small/checkpoints"], recursive: true);
        workspace.Write("runs/small/weights.safetensors", "nonsense");

        var result = await workspace.RunAsync("eval", "runs/small");

        result.ExitCode.ShouldBe(2);
        result.Errors.ShouldContain("runs/small/weights.safetensors");
        result.Errors.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task A_second_process_in_the_same_run_directory_is_refused()
    {
        using var workspace = new Workspace();
        await using var first = workspace.Start("--set", "training.steps=1000000");
        await first.WaitForStepAsync(1);

        ShouldBeOneLine(await workspace.RunAsync("train", "job.yaml", "--resume"), "runs/small", "another process");
    }

    static void ShouldBeOneLine(CommandResult result, params string[] expected)
    {
        result.ExitCode.ShouldBe(2, result.Errors);
        var line = result.ErrorLines.ShouldHaveSingleItem();
        line.ShouldStartWith("lstm-cluster: ");
        foreach (var part in expected) line.ShouldContain(part, Case.Sensitive);
        line.ShouldNotContain("Exception");
        line.ShouldNotContain("   at ");
    }

    static string[] Files(Workspace workspace) =>
        [.. Directory.EnumerateFileSystemEntries(workspace.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    static BadInput Edited(string from, string to, params string[] expected) => new("train job.yaml", expected)
    {
        Prepare = w =>
        {
            Workspace.Job.ShouldContain(from);
            w.Write("job.yaml", Workspace.Job.Replace(from, to, StringComparison.Ordinal));
        },
    };

    /// <summary>A forecaster over a table.</summary>
    static BadInput Table(string table, params string[] expected) => new("train job.yaml", expected)
    {
        Prepare = w =>
        {
            w.Write("t.csv", table);
            w.Write("job.yaml", Workspace.Job.Replace("language-model", "{ forecaster: { context: 4, horizon: 1 } }", StringComparison.Ordinal)
                .Replace("source: text.txt\n  tokens: char\n  validation: 0.2", "source: t.csv\n  columns: [numeric: { name: y, role: target }]", StringComparison.Ordinal));
        },
    };

    /// <summary>Rows in another format.</summary>
    static BadInput Formatted(string task, string data, string rows, params string[] expected) =>
        new(["train", "job.yaml", "--set", $"task={task}", "--set", $"data={{ source: rows.txt, {data} }}"], expected)
        {
            Prepare = w =>
            {
                w.Write("rows.txt", rows);
                w.Write("map.tsv", "D\tDET\n");
            },
        };

    /// <summary>A tagger over rows.</summary>
    static BadInput Rows(string rows, params string[] expected) => new("train job.yaml", expected)
    {
        Prepare = w =>
        {
            w.Write("rows.tsv", rows);
            w.Write("job.yaml", Workspace.Job.Replace("language-model", "tagger", StringComparison.Ordinal)
                .Replace("source: text.txt\n  tokens: char\n  validation: 0.2", "source: rows.tsv\n  input: in\n  target: out\n  tokens: word\n  validation: 0", StringComparison.Ordinal));
        },
    };

    sealed record BadInput(string[] Arguments, params string[] Expected)
    {
        public BadInput(string arguments, params string[] expected)
            : this(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), expected)
        {
        }

        public Action<Workspace> Prepare { get; init; } = _ => { };

        public Func<Workspace, (string Name, string? Value)[]> Environment { get; init; } = _ => [];
    }
}
