using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>The terms in a run directory, and what they forbid.</summary>
public sealed class RunFenceTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly DiskRunFiles _files = new();

    RunTerms Terms => new(_files, _folder.Path);

    [Fact]
    public void Terms_grow_with_each_begin_and_only_the_highest_file_stays()
    {
        Terms.Highest().ShouldBe(new Term(0));
        Terms.BeginNext().ShouldBe(new Term(1));
        Terms.BeginNext().ShouldBe(new Term(2));
        Terms.Highest().ShouldBe(new Term(2));
        _files.List(_folder.Path).ShouldBe(["term-2"]);
    }

    [Fact]
    public void Raising_to_a_lower_term_lowers_nothing()
    {
        Terms.Raise(new Term(12));
        Terms.Raise(new Term(9));
        Terms.Highest().ShouldBe(new Term(12));
        Terms.BeginNext().ShouldBe(new Term(13));
    }

    [Fact]
    public void Other_names_are_no_terms()
    {
        foreach (var name in new[] { "term", "term-", "term-x", "term--3", "term-0", "Term-8", ".term-9", "term-99999999999999999999" }) File.WriteAllText(_folder[name], "");
        Terms.Highest().ShouldBe(new Term(0));
    }

    [Fact]
    public void Whoever_raises_late_cannot_take_the_higher_term_away()
    {
        // Paused between the look and the write, while another process began two terms.
        var paused = new PausedFiles(() => Terms.Raise(new Term(7)));
        new RunTerms(paused, _folder.Path).Raise(new Term(5));
        Terms.Highest().ShouldBe(new Term(7));
    }

    [Fact]
    public void A_higher_term_closes_every_way_to_change_the_directory()
    {
        var own = Terms.BeginNext();
        var fenced = new FencedRunFiles(_files, new RunFence(Terms, own));
        fenced.Write(_folder["file"], stream => stream.WriteByte(1));
        Terms.BeginNext();
        Action[] changes =
        [
            () => fenced.Write(_folder["other"], _ => { }), () => fenced.MoveFile(_folder["file"], _folder["other"]), () => fenced.Delete(_folder["file"]),
            () => fenced.CreateDirectory(_folder["folder"]), () => fenced.MoveDirectory(_folder.Path, _folder.Path + "2"),
        ];
        foreach (var change in changes) Should.Throw<DeposedException>(change).Message.ShouldBe("term 2 of the run has begun elsewhere, this process is of term 1");
        fenced.List(_folder.Path).ShouldBe(["file", "term-2"], ignoreOrder: true);
        using var read = fenced.OpenRead(_folder["file"]);
        read.ReadByte().ShouldBe(1);
    }

    [Fact]
    public void A_leadership_that_may_be_over_closes_it_too()
    {
        string? lost = null;
        var fence = new RunFence(Terms, Terms.BeginNext(), () => lost);
        fence.Check();
        lost = "the lease has run out";
        Should.Throw<DeposedException>(fence.Check).Message.ShouldBe("the lease has run out");
    }

    [Fact]
    public void An_embedded_reign_gives_the_next_term_until_another_process_has_begun_one()
    {
        var runtime = new SimulatedRuntime(seed: 1);
        var answers = new List<Message>();
        var keeper = runtime.Spawn("keeper", () => new Listener(answers));
        var reign = runtime.Spawn("reign", () => new EmbeddedReign(Terms, Terms.BeginNext(), keeper));
        Message Ask()
        {
            runtime.Send(reign, new BeginTerm());
            runtime.RunUntilIdle();
            return answers[^1];
        }

        Ask().ShouldBe(new TermBegun(new Term(2)));
        Ask().ShouldBe(new TermBegun(new Term(3)));
        Terms.Raise(new Term(8));
        Ask().ShouldBe(new Deposed("term 8 of the run has begun elsewhere, this process is of term 3"));
        Terms.Highest().ShouldBe(new Term(8));
        runtime.DisposeAsync().AsTask().IsCompletedSuccessfully.ShouldBeTrue();
    }

    public void Dispose() => _folder.Dispose();

    sealed class Listener(List<Message> heard) : IActor
    {
        public ValueTask ReceiveAsync(Message message, IActorContext context)
        {
            heard.Add(message);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>The real files, whose first write comes late.</summary>
    sealed class PausedFiles(Action meanwhile) : IRunFiles
    {
        readonly DiskRunFiles _disk = new();
        Action? _meanwhile = meanwhile;

        public void Write(string path, Action<Stream> write)
        {
            _meanwhile?.Invoke();
            _meanwhile = null;
            _disk.Write(path, write);
        }

        public void CreateDirectory(string path) => _disk.CreateDirectory(path);

        public Stream OpenRead(string path) => _disk.OpenRead(path);

        public void MoveFile(string from, string to) => _disk.MoveFile(from, to);

        public void MoveDirectory(string from, string to) => _disk.MoveDirectory(from, to);

        public void FlushDirectory(string path) => _disk.FlushDirectory(path);

        public IReadOnlyList<string> List(string path) => _disk.List(path);

        public void Delete(string path) => _disk.Delete(path);
    }
}
