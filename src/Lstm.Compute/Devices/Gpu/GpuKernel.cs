namespace LstmCluster.Compute.Gpu;

/// <summary>A kernel by name. Each is one object, which runtimes take as the key of what they loaded for it.</summary>
/// <param name="family">The file in <c>Kernels/</c>, without its extension.</param>
/// <param name="name">The function in it.</param>
sealed class GpuKernel(string family, string name)
{
    GpuKernel? _tf32, _bf16;

    /// <summary>The file in <c>Kernels/</c>, without its extension.</summary>
    public string Family => family;

    /// <summary>The function in it.</summary>
    public string Name => name;

    /// <summary>The same function with operands of products rounded; itself where its file has no products.</summary>
    public GpuKernel In(ComputePrecision precision) => precision switch
    {
        ComputePrecision.Tf32 => _tf32 ??= Variant(precision),
        ComputePrecision.Bf16 => _bf16 ??= Variant(precision),
        _ => this,
    };

    GpuKernel Variant(ComputePrecision precision) => KernelSources.HasProducts(family) ? new(KernelSources.FamilyOf(family, precision), name) : this;
}

/// <summary>How many work-items run a kernel.</summary>
/// <param name="GroupsX">Work-groups along x.</param>
/// <param name="GroupsY">Work-groups along y.</param>
/// <param name="ItemsX">Work-items of a group along x.</param>
/// <param name="ItemsY">Work-items of a group along y.</param>
readonly record struct GpuGrid(int GroupsX, int GroupsY, int ItemsX, int ItemsY)
{
    /// <summary>Work-items of the largest group.</summary>
    public const int MostItems = WideItemsX * WideItemsY;

    // One size for every kernel without a reduction: some runtimes compile a kernel anew for each size.
    const int ItemsOfGroup = 64;

    // common.cl: LANES; tile.cl: TILE and SIDE.
    const int Lanes = 16, Tile = 32, Side = 8;

    // linear_wide.cl: WIDE_ROWS, WIDE_COLUMNS, and its work-items.
    const int WideRows = 128, WideColumns = 64, WideItemsX = 8, WideItemsY = 16;

    /// <summary>A work-item an element.</summary>
    public static GpuGrid Elements(int count) => new(DivideUp(count, ItemsOfGroup), 1, ItemsOfGroup, 1);

    /// <summary>A group of sixteen work-items a row.</summary>
    public static GpuGrid Rows(int count) => new(count, 1, Lanes, 1);

    /// <summary>A group a tile of a matrix product.</summary>
    public static GpuGrid Tiles(int rows, int columns) => new(DivideUp(columns, Tile), DivideUp(rows, Tile), Side, Side);

    /// <summary>A group all gates of eight units and 32 rows.</summary>
    public static GpuGrid UnitTiles(int rows, int units) => new(DivideUp(units, Side), DivideUp(rows, Tile), Side, Side);

    /// <summary>A group a wide tile of a matrix product.</summary>
    public static GpuGrid WideTiles(int rows, int columns) => new(DivideUp(columns, WideColumns), DivideUp(rows, WideRows), WideItemsX, WideItemsY);

    /// <summary>Work-groups.</summary>
    public long Groups => (long)GroupsX * GroupsY;

    /// <summary>True when there is nothing to do.</summary>
    public bool IsEmpty => GroupsX == 0 || GroupsY == 0;

    static int DivideUp(int value, int divisor) => (int)(((long)value + divisor - 1) / divisor);
}
