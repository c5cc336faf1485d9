// Tiles of matrix products, for the kernels that need them. Each element is one chain of fused multiply-adds over the inner index in ascending
// order, as on the Cpu: tiles only choose which elements are computed together. A work-group of 8x8 work-items makes a tile of 32x32 elements,
// each of them 4x4.

#define TILE 32
#define INNER 16
#define SIDE 8
#define EACH (TILE / SIDE)

// The names that a kernel's tile goes by: its work-item's place and the local copies of one block of the inner index.
#define TILE_PLACES \
    const int item_column = get_local_id(0), item_row = get_local_id(1), item = item_row * SIDE + item_column

// Adds the products of one block of the inner index. left [INNER][TILE], right [INNER][TILE].
#define ADD_PRODUCTS(left, right, count)                                                                    \
    for (int k = 0; k < (count); k++)                                                                       \
    {                                                                                                       \
        for (int r = 0; r < EACH; r++)                                                                      \
            for (int c = 0; c < EACH; c++)                                                                  \
                sum[r][c] = fma(left[k][r * SIDE + item_row], right[k][c * SIDE + item_column], sum[r][c]); \
    }

// Adds x B to a tile's sums: rows of x [rows,inner] from first_row on, and for column c of the tile column COLUMN(c) of B [inner,width], none where that
// is negative. left has a column more, so that it is filled without conflicts of memory banks.
#define ADD_MATRIX_PRODUCT(x, b, rows, inner, width, COLUMN)                                                                    \
    for (int first = 0; first < (inner); first += INNER)                                                                        \
    {                                                                                                                           \
        for (int at = item; at < INNER * TILE; at += SIDE * SIDE)                                                               \
        {                                                                                                                       \
            const int row = first_row + at / INNER, k = first + at % INNER;                                                     \
            left[at % INNER][at / INNER] = row < (rows) && k < (inner) ? x[(size_t)row * (inner) + k] : 0.0f;                   \
            const int right_k = first + at / TILE, column = COLUMN(at % TILE);                                                  \
            right[at / TILE][at % TILE] = right_k < (inner) && column >= 0 ? b[(size_t)right_k * (width) + column] : 0.0f;      \
        }                                                                                                                       \
                                                                                                                                \
        barrier(CLK_LOCAL_MEM_FENCE);                                                                                           \
        const int count = min(INNER, (inner) - first);                                                                          \
        if (count == INNER) ADD_PRODUCTS(left, right, INNER)                                                                    \
        else ADD_PRODUCTS(left, right, count)                                                                                   \
        barrier(CLK_LOCAL_MEM_FENCE);                                                                                           \
    }
