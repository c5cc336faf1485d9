namespace Trainer.Protocol.Tests;

/// <summary>The network of a process, which can be cut: then requests go nowhere and are never answered.</summary>
sealed class Blockable() : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
{
    volatile bool _cut;

    public void Cut() => _cut = true;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (_cut) await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        return await base.SendAsync(request, cancellationToken);
    }
}
