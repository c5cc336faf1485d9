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

    /// <summary>What decides its bits, in words: devices of one type give the same results to the last bit, others within a tolerance.</summary>
    string DeviceType => Name;

    /// <summary>Whether its matrix products can be computed in a precision.</summary>
    bool Supports(ComputePrecision precision) => precision == ComputePrecision.Fp32;

    /// <summary>Has it compute in a precision from now on. A device begins with <see cref="ComputePrecision.Fp32"/>.</summary>
    /// <exception cref="NotSupportedException">It cannot: see <see cref="Supports"/>.</exception>
    void Use(ComputePrecision precision)
    {
        if (!Supports(precision)) throw new NotSupportedException($"{Name} cannot compute in {precision}");
    }
}
