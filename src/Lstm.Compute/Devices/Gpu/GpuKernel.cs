namespace LstmCluster.Compute.Gpu;

/// <summary>A kernel by name. Each is one object, which runtimes take as the key of what they loaded for it.</summary>
/// <param name="family">The file in <c>Kernels/</c>, without its extension.</param>
/// <param name="name">The function in it.</param>
sealed class GpuKernel(string family, string name)
{
    /// <summary>The file in <c>Kernels/</c>, without its extension.</summary>
    public string Family => family;

    /// <summary>The function in it.</summary>
    public string Name => name;
}

/// <summary>How many work-items run a kernel.</summary>
/// <param name="GroupsX">Work-groups along x.</param>
/// <param name="GroupsY">Work-groups along y.</param>
/// <param name="ItemsX">Work-items of a group along x.</param>
/// <param name="ItemsY">Work-items of a group along y.</param>
readonly record struct GpuGrid(int GroupsX, int GroupsY, int ItemsX, int ItemsY)
{
    // One size for every kernel without a reduction: some runtimes compile a kernel anew for each size.
    const int ItemsOfGroup = 64;

    // common.cl: LANES; tile.cl: TILE and SIDE.
    const int Lanes = 16, Tile = 32, Side = 8;

    /// <summary>A work-item an element.</summary>
    public static GpuGrid Elements(int count) => new(DivideUp(count, ItemsOfGroup), 1, ItemsOfGroup, 1);

    /// <summary>A group of sixteen work-items a row.</summary>
    public static GpuGrid Rows(int count) => new(count, 1, Lanes, 1);

    /// <summary>A group a tile of a matrix product.</summary>
    public static GpuGrid Tiles(int rows, int columns) => new(DivideUp(columns, Tile), DivideUp(rows, Tile), Side, Side);

    /// <summary>A group all gates of eight units and 32 rows.</summary>
    public static GpuGrid UnitTiles(int rows, int units) => new(DivideUp(units, Side), DivideUp(rows, Tile), Side, Side);

    /// <summary>True when there is nothing to do.</summary>
    public bool IsEmpty => GroupsX == 0 || GroupsY == 0;

    static int DivideUp(int value, int divisor) => (int)(((long)value + divisor - 1) / divisor);
}
