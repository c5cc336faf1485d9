using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>The terms of a process that was elected.</summary>
public sealed class RegisteredReignTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly FakeLeadership _leadership = new();
    readonly SimulatedRuntime _runtime = new(seed: 1);
    readonly List<Message> _heard = [];
    readonly ActorRef _reign;

    public RegisteredReignTests()
    {
        var keeper = _runtime.Spawn("keeper", () => new Keeper(_heard));
        _reign = _runtime.Spawn("reign", () => new RegisteredReign(_leadership, Terms, keeper));
        _runtime.RunUntilIdle();
    }

    RunTerms Terms => new(new DiskRunFiles(), _folder.Path);

    [Fact]
    public void A_new_term_comes_from_the_registry_and_is_raised_in_the_run_directory()
    {
        _leadership.Next = () => new Term(9);
        Ask().ShouldBe(new TermBegun(new Term(9)));
        Terms.Highest().ShouldBe(new Term(9));
    }

    [Fact]
    public void A_registry_that_refuses_is_asked_again_by_whoever_asked()
    {
        _leadership.Next = () => throw new RegistryUnavailableException("etcd is away");
        Ask().ShouldBe(new TermNotBegun("etcd is away"));
    }

    [Fact]
    public void A_leadership_that_has_ended_gives_no_term()
    {
        _leadership.Next = () => throw new LeadershipLostException("the lease has run out");
        Ask().ShouldBe(new Deposed("the lease has run out"));
        Terms.Highest().ShouldBe(new Term(0));
    }

    [Fact]
    public void The_end_of_a_leadership_is_told_unasked()
    {
        _leadership.End("bob leads");
        _runtime.RunUntilIdle();
        _heard.ShouldBe([new Deposed("bob leads")]);
    }

    [Fact]
    public void A_leadership_that_may_have_ended_says_why_before_anybody_is_told()
    {
        RegisteredReign.Reason(_leadership).ShouldBeNull();
        _leadership.IsValid = false;
        RegisteredReign.Reason(_leadership).ShouldBe("the lease has run out");
    }

    public void Dispose()
    {
        _runtime.DisposeAsync().AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        _leadership.Dispose();
        _folder.Dispose();
    }

    Message Ask()
    {
        _runtime.Send(_reign, new BeginTerm());
        _runtime.RunUntilIdle();
        return _heard.ShouldHaveSingleItem();
    }

    sealed class Keeper(List<Message> heard) : IActor
    {
        public ValueTask ReceiveAsync(Message message, IActorContext context)
        {
            heard.Add(message);
            return ValueTask.CompletedTask;
        }
    }

    sealed class FakeLeadership : ILeadership, IDisposable
    {
        readonly CancellationTokenSource _lost = new();

        public Func<Term> Next { get; set; } = () => new Term(2);

        public Term Term => new(1);

        public bool IsValid { get; set; } = true;

        public CancellationToken Lost => _lost.Token;

        public string? LossReason { get; private set; }

        public Task<Term> NextTermAsync(CancellationToken stop = default)
        {
            try
            {
                return Task.FromResult(Next());
            }
            catch (Exception failure)
            {
                return Task.FromException<Term>(failure);
            }
        }

        public Task LeaveWordAsync(string how, bool failed, CancellationToken stop = default) => Task.CompletedTask;

        public Task ResignAsync() => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public void Dispose() => _lost.Dispose();

        public void End(string reason)
        {
            (IsValid, LossReason) = (false, reason);
            _lost.Cancel();
        }
    }
}
