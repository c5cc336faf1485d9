namespace LstmCluster.Actors.Tests;

/// <summary>What a runtime promises, whichever it is; one for each test.</summary>
public abstract class RuntimeContract(RuntimeHarness harness) : IAsyncLifetime
{
    internal RuntimeHarness Harness => harness;

    internal IActorRuntime Runtime => harness.Runtime;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return harness.DisposeAsync();
    }
}
