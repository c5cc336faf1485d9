using System.Net;
using LstmCluster.Cli.Operations;
using LstmCluster.Training;

namespace Trainer.Cli.Tests.Operations;

/// <summary>The pages of a coordinator that does what a test says.</summary>
public sealed class PageServerTests
{
    [Fact]
    public async Task A_coordinator_that_does_not_answer_is_neither_alive_nor_ready()
    {
        var watch = new RunWatch(TimeProvider.System);
        watch.Begin(_ => throw new TimeoutException(), network: () => null);
        watch.On(new RunStarted("run", "job", 0, 1, 2, 3, 4, 5, 6, 7));

        await using var served = await ServeAsync(watch);
        using var pages = new Pages(served.Address.ToString());

        var (code, text) = await pages.GetAsync("/healthz");
        code.ShouldBe(HttpStatusCode.ServiceUnavailable);
        text.ShouldStartWith("not answering: the coordinator");
        (await pages.GetAsync("/readyz")).Code.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task A_standby_whose_turn_has_not_come_is_alive_and_not_ready()
    {
        var watch = new RunWatch(TimeProvider.System);
        watch.Begin(_ => throw new TimeoutException(), network: () => null);

        await using var served = await ServeAsync(watch);
        using var pages = new Pages(served.Address.ToString());

        (await pages.GetAsync("/healthz")).ShouldBe((HttpStatusCode.OK, "starting\n"));
        (await pages.GetAsync("/readyz")).Code.ShouldBe(HttpStatusCode.ServiceUnavailable);

        watch.On(new Noticed("standing by: the coordinator is other"));
        (await pages.GetAsync("/healthz")).ShouldBe((HttpStatusCode.OK, "starting: standing by: the coordinator is other\n"));
        watch.On(new RunStarted("run", "job", 0, 1, 2, 3, 4, 5, 6, 7));
        watch.On(new Noticed("something that takes no time"));
        watch.End();
        (await pages.GetAsync("/healthz")).ShouldBe((HttpStatusCode.OK, "starting\n"));
    }

    [Fact]
    public async Task A_process_that_has_no_coordinator_yet_is_alive_and_not_ready()
    {
        await using var served = await ServeAsync(new RunWatch(TimeProvider.System));
        using var pages = new Pages(served.Address.ToString());

        (await pages.GetAsync("/healthz")).ShouldBe((HttpStatusCode.OK, "starting\n"));
        (await pages.GetAsync("/readyz")).ShouldBe((HttpStatusCode.ServiceUnavailable, "starting\n"));
    }

    [Fact]
    public async Task A_coordinator_of_a_run_that_has_ended_need_not_answer()
    {
        var watch = new RunWatch(TimeProvider.System);
        watch.Begin(_ => throw new TimeoutException(), network: () => null);
        watch.On(new RunFinished(3, 1, null, 1, 1, "", "run"));

        await using var served = await ServeAsync(watch);
        using var pages = new Pages(served.Address.ToString());

        (await pages.GetAsync("/healthz")).ShouldBe((HttpStatusCode.OK, "finished\n"));
        (await pages.GetAsync("/readyz")).Code.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    static Task<PageServer> ServeAsync(RunWatch watch) => PageServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), watch, new PrometheusPage());
}
