namespace LstmCluster.Compute;

/// <summary>What the blocks of a kernel, one for each gate, start from.</summary>
public enum KernelInitialization
{
    /// <summary>Even within <c>1/sqrt(H)</c> of zero, as in PyTorch.</summary>
    Uniform,

    /// <summary>Even within <c>sqrt(6/(rows + columns))</c> of zero, by the extent of one gate's block (Glorot and Bengio 2010).</summary>
    Glorot,

    /// <summary>Orthonormal rows, or columns where a gate's block is taller than wide (Saxe, McClelland and Ganguli 2014).</summary>
    Orthogonal,
}

/// <summary>What a recurrent layer's kernels start from. Keras' is Glorot and Orthogonal.</summary>
/// <param name="Kernel">Of the kernel W, a block of [H,D] for each gate.</param>
/// <param name="Recurrent">Of the recurrent kernel U, a block of [H,P] for each gate.</param>
public sealed record RecurrentInitialization(
    KernelInitialization Kernel = KernelInitialization.Uniform, KernelInitialization Recurrent = KernelInitialization.Uniform)
{
    /// <summary>Uniform for both, as in PyTorch.</summary>
    public static RecurrentInitialization Uniform { get; } = new();

    /// <summary>What W starts from.</summary>
    /// <param name="units">H.</param>
    /// <param name="inputs">D.</param>
    internal Initializer OfKernel(int units, int inputs) => Of(Kernel, units, inputs);

    /// <summary>What U starts from.</summary>
    /// <param name="units">H.</param>
    /// <param name="outputs">P, features of the hidden state.</param>
    internal Initializer OfRecurrentKernel(int units, int outputs) => Of(Recurrent, units, outputs);

    static Initializer Of(KernelInitialization kind, int units, int columns) => kind switch
    {
        KernelInitialization.Uniform => new UniformInitializer(1 / Math.Sqrt(units)),
        KernelInitialization.Glorot => UniformInitializer.Glorot(units, columns),
        KernelInitialization.Orthogonal => new OrthogonalInitializer(units, columns),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "is no initialisation of a kernel"),
    };
}
