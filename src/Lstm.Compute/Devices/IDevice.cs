namespace LstmCluster.Compute;

/// <summary>Something that computes: one thread of a CPU, a GPU, or the scalar reference.</summary>
/// <remarks>
/// Its operations work on whole sequences, so that a backend may fuse over time and keep everything in its own memory between
/// the weights that go in and the gradient that comes out. Operations of one device are issued by one thread at a time and take effect in that order;
/// <see cref="IDeviceMemory.Read(DeviceSpan, Span{float})"/> waits for what was issued before. The families are interfaces of their own so that each backend
/// can hold one family a file, and a layer kind that joins later brings its own.
/// </remarks>
public interface IDevice :
    IDeviceMemory, ILinearOperations, IRecurrentOperations, IGruOperations, IRnnOperations, ITokenOperations, ILossOperations, IPoolingOperations,
    INormOperations, IAttentionOperations, IVectorOperations, IOptimizerOperations, IDisposable
{
    /// <summary>The name by which a job or a person selects it, such as <c>cpu</c> or <c>cuda:0</c>.</summary>
    string Name { get; }
}
