using LstmCluster.Actors;

namespace LstmCluster.Simulation;

/// <summary>The requests of a process on their way to etcd and back.</summary>
/// <param name="world">What all share.</param>
/// <param name="process">The process.</param>
/// <param name="turn">Around what an answer makes go on.</param>
sealed class EtcdWay(World world, SimulatedProcess process, Action<Action> turn) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var place = request.RequestUri!;
        if (!world.IsOnThread && place.AbsolutePath == SimulatedEtcd.RevokePath) return await new TaskCompletionSource<HttpResponseMessage>().Task.ConfigureAwait(false);
        world.RequireThread();
        var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        await using var givenUp = cancellationToken.UnsafeRegister(_ => answer.TrySetCanceled(cancellationToken), null).ConfigureAwait(false);
        world.Etcd!.Send(process.Name, place.Host, place.AbsolutePath, body, reply => process.After(TimeSpan.Zero, () => turn(() => Take(reply, answer))));
        return await answer.Task.ConfigureAwait(false);
    }

    /// <summary>The answer is here, or word that there is none.</summary>
    static void Take(EtcdReply? reply, TaskCompletionSource<HttpResponseMessage> answer)
    {
        if (reply is null) answer.TrySetException(new HttpRequestException("connection refused"));
        else answer.TrySetResult(new HttpResponseMessage(reply.Status) { Content = new ByteArrayContent(reply.Body) });
    }
}
