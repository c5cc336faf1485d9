// Tiles of matrix products, for the kernels that need them. A work-group of 8x8 work-items makes a tile of 32x32 elements, each of them 4x4.
// In single precision each element is one chain of fused multiply-adds over the inner index in ascending order, as on the Cpu: tiles only choose which
// elements are computed together. TF32 and BF16 say what operands are rounded to (Devices/ComputePrecision.cs); with tensor cores an element is a sum from
// zero over blocks of the inner index in ascending order, to which what it starts from is added at the end.

#ifdef __NVPTX__
#define FOR_GPU
#endif

#if (defined(TF32) || defined(BF16)) && (defined(__NVPTX__) || defined(EMULATED_TENSOR_CORES))
#define TENSOR_CORES
#endif

#define TILE 32
#define SIDE 8
#define EACH (TILE / SIDE)

// Arrays are registers where every index is a constant.
#if defined(FOR_GPU) && !defined(EMULATED_TENSOR_CORES)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL
#endif

// An operand of a product, rounded as Devices/Tf32.cs and Devices/Bf16.cs do.
static float operand(const float value)
{
#if defined(TF32) || defined(BF16)
    const uint bits = as_uint(value);
#ifdef TF32
    const uint nearest = bits + 0x1000u, kept = 0xFFFFE000u;
#else
    const uint nearest = bits + 0x7FFFu + ((bits >> 16) & 1u), kept = 0xFFFF0000u;
#endif
    return as_float(((bits & 0x7FFFFFFFu) > 0x7F800000u ? bits | 0x00400000u : nearest) & kept);
#else
    return value;
#endif
}

// Operands stand in local memory as words: for tensor cores two neighbours of the inner index in one for bf16, else one in each.
#if defined(TENSOR_CORES) && defined(BF16)
#define PER_WORD 2
static float word_of(const float* const values)
{
#ifdef __NVPTX__
    uint word;
    __asm__("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(values[1]), "f"(values[0]));
    return as_float(word);
#else
    return as_float(as_uint(operand(values[1])) | as_uint(operand(values[0])) >> 16);
#endif
}
#else
#define PER_WORD 1
static float word_of(const float* const values)
{
#if defined(__NVPTX__) && defined(TF32)
    uint word;
    __asm__("cvt.rna.tf32.f32 %0, %1;" : "=r"(word) : "f"(values[0]));
    return as_float(word);
#else
    return operand(values[0]);
#endif
}
#endif

// So many words of the inner index are in local memory at a time.
#define INNER_WORDS 16
#define INNER (INNER_WORDS * PER_WORD)
#define WORDS_EACH (INNER_WORDS * TILE / (SIDE * SIDE))

// Rows of local memory are so long that it is filled and read without conflicts of its banks.
#ifdef TENSOR_CORES
#define LEFT_STRIDE (TILE + 8)
#define RIGHT_STRIDE (TILE + 8)
#else
#define LEFT_STRIDE (TILE + 1)
#define RIGHT_STRIDE TILE
#endif

#if defined(TENSOR_CORES) && !defined(__NVPTX__)
#define EMULATION_MEMORY(items) , emulation[6 * (items)]
#define EMULATION , emulation, item
#define EMULATION_PARAMETERS , local float* const emulation, const int item
#else
#define EMULATION_MEMORY(items)
#define EMULATION
#define EMULATION_PARAMETERS
#endif

// The names that a kernel's tile goes by: the local copies of one block of the inner index, and its work-item's place.
#define TILE_MEMORY local float left[INNER_WORDS][LEFT_STRIDE], right[INNER_WORDS][RIGHT_STRIDE] EMULATION_MEMORY(SIDE * SIDE)
#define TILE_PLACES \
    const int item_column = get_local_id(0), item_row = get_local_id(1), item = item_row * SIDE + item_column

#ifdef TENSOR_CORES
// Adds the product of 16 rows and 8 columns over 8 words of the inner index, spread over the 32 work-items of a warp as mma.sync says: with
// group = lane / 4 and place = lane % 4, a work-item has the left words (group, place), (group + 8, place), (group, place + 4), (group + 8, place + 4), the
// right words (place, group), (place + 4, group), and the sums (group, 2 place), (group, 2 place + 1), (group + 8, 2 place), (group + 8, 2 place + 1).
static void multiply_fragments(
    float* const d0, float* const d1, float* const d2, float* const d3, const float a0, const float a1, const float a2, const float a3, const float b0,
    const float b1 EMULATION_PARAMETERS)
{
#ifdef __NVPTX__
#ifdef BF16
#define FRAGMENT_INSTRUCTION "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32"
#else
#define FRAGMENT_INSTRUCTION "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32"
#endif
    __asm__ volatile(FRAGMENT_INSTRUCTION " {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                     : "+f"(*d0), "+f"(*d1), "+f"(*d2), "+f"(*d3)
                     : "r"(as_uint(a0)), "r"(as_uint(a1)), "r"(as_uint(a2)), "r"(as_uint(a3)), "r"(as_uint(b0)), "r"(as_uint(b1)));
#else
    // The same by work-items that tell each other their words: for tests of everything around the instruction on devices without it.
    const int lane = item % 32, warp = item - lane;
    local float* const own = emulation + 6 * item;
    own[0] = a0;
    own[1] = a1;
    own[2] = a2;
    own[3] = a3;
    own[4] = b0;
    own[5] = b1;
    barrier(CLK_LOCAL_MEM_FENCE);
    float* const sums[4] = {d0, d1, d2, d3};
    for (int index = 0; index < 4; index++)
    {
        const int row = lane / 4 + index / 2 * 8, column = lane % 4 * 2 + index % 2;
        float sum = *sums[index];
        for (int word = 0; word < 8; word++)
        {
            const uint a = as_uint(emulation[6 * (warp + row % 8 * 4 + word % 4) + row / 8 + word / 4 * 2]);
            const uint b = as_uint(emulation[6 * (warp + column * 4 + word % 4) + 4 + word / 4]);
#ifdef BF16
            sum = fma(as_float(a << 16), as_float(b << 16), sum);
            sum = fma(as_float(a & 0xFFFF0000u), as_float(b & 0xFFFF0000u), sum);
#else
            sum = fma(as_float(a), as_float(b), sum);
#endif
        }

        *sums[index] = sum;
    }

    barrier(CLK_LOCAL_MEM_FENCE);
#endif
}

// Tensor cores spread what they add up over a group otherwise than its sums are: the first warp has the upper half of the tile.
#define FRAGMENT_ROW(index) (item / 32 * 16 + item % 32 / 4 + (index) / 2 * 8)
#define FRAGMENT_COLUMN(c, index) ((c) * SIDE + item % 4 * 2 + (index) % 2)

// START(row, column): what an element's sum begins at.
#define BEGIN_PRODUCTS(START)                               \
    float fragments[EACH][4];                               \
    UNROLL for (int c = 0; c < EACH; c++)                   \
        UNROLL for (int index = 0; index < 4; index++)      \
            fragments[c][index] = START(FRAGMENT_ROW(index), FRAGMENT_COLUMN(c, index));

// Adds the products of one block of the inner index. left [INNER_WORDS][TILE], right [INNER_WORDS][TILE], zeros from count on.
#define ADD_PRODUCTS(left, right, count)                                                                                                  \
    UNROLL for (int word = 0; word < INNER_WORDS; word += 8)                                                                              \
    {                                                                                                                                     \
        const int group = item % 32 / 4, place = word + item % 4, row = item / 32 * 16 + group;                                           \
        const float a0 = left[place][row], a1 = left[place][row + 8], a2 = left[place + 4][row], a3 = left[place + 4][row + 8];           \
        UNROLL for (int c = 0; c < EACH; c++)                                                                                             \
            multiply_fragments(                                                                                                           \
                &fragments[c][0], &fragments[c][1], &fragments[c][2], &fragments[c][3], a0, a1, a2, a3, right[place][c * SIDE + group],   \
                right[place + 4][c * SIDE + group] EMULATION);                                                                            \
    }

#define END_PRODUCTS(left, right)                                                                                      \
    UNROLL for (int c = 0; c < EACH; c++)                                                                              \
        UNROLL for (int index = 0; index < 4; index++)                                                                 \
        {                                                                                                              \
            const int row = FRAGMENT_ROW(index) % 16, column = FRAGMENT_COLUMN(c, index);                              \
            if (item < 32) left[row][column] = fragments[c][index];                                                    \
            else right[row][column] = fragments[c][index];                                                             \
        }                                                                                                              \
                                                                                                                       \
    barrier(CLK_LOCAL_MEM_FENCE);                                                                                      \
    UNROLL for (int r = 0; r < EACH; r++)                                                                              \
        UNROLL for (int c = 0; c < EACH; c++)                                                                          \
        {                                                                                                              \
            const int row = r * SIDE + item_row, column = c * SIDE + item_column;                                      \
            sum[r][c] += row < 16 ? left[row % 16][column] : right[row % 16][column];                                  \
        }                                                                                                              \
                                                                                                                       \
    barrier(CLK_LOCAL_MEM_FENCE);
#else
#define BEGIN_PRODUCTS(START)
#define END_PRODUCTS(left, right)

// Adds the products of one block of the inner index. left [INNER][TILE], right [INNER][TILE].
#define ADD_PRODUCTS(left, right, count)                                                                    \
    for (int k = 0; k < (count); k++)                                                                       \
    {                                                                                                       \
        for (int r = 0; r < EACH; r++)                                                                      \
            for (int c = 0; c < EACH; c++)                                                                  \
                sum[r][c] = fma(left[k][r * SIDE + item_row], right[k][c * SIDE + item_column], sum[r][c]); \
    }
#endif

// The same, with a whole block as the compiler likes it.
#ifdef TENSOR_CORES
#define ADD_BLOCK(left, right, count) ADD_PRODUCTS(left, right, count)
#else
#define ADD_BLOCK(left, right, count)                              \
    {                                                              \
        const int block = count;                                   \
        if (block == INNER) ADD_PRODUCTS(left, right, INNER)       \
        else ADD_PRODUCTS(left, right, block)                      \
    }
#endif

#define LEFT_ELEMENT(x, row, k, rows, inner) ((row) < (rows) && (k) < (inner) ? x[(size_t)(row) * (inner) + (k)] : 0.0f)
#define RIGHT_ELEMENT(b, k, column, inner, width) ((k) < (inner) && (column) >= 0 ? b[(size_t)(k) * (width) + (column)] : 0.0f)

// Adds x B to a tile's sums: rows of x [rows,inner] from first_row on, and for column c of the tile column COLUMN(c) of B [inner,width], none where that
// is negative. A GPU reads the next block while it multiplies, a processor has nothing to wait for.
#ifdef FOR_GPU
#define FROM_ZERO(row, column) 0.0f

#define FETCH_BLOCK(x, b, rows, inner, width, COLUMN, first)                                                     \
    UNROLL for (int turn = 0; turn < WORDS_EACH; turn++)                                                         \
    {                                                                                                            \
        const int at = item + turn * SIDE * SIDE, row = first_row + at / INNER_WORDS, column = COLUMN(at % TILE);\
        UNROLL for (int part = 0; part < PER_WORD; part++)                                                       \
        {                                                                                                        \
            const int left_k = (first) + at % INNER_WORDS * PER_WORD + part;                                     \
            const int right_k = (first) + at / TILE * PER_WORD + part;                                           \
            next_left[turn][part] = LEFT_ELEMENT(x, row, left_k, rows, inner);                                   \
            next_right[turn][part] = RIGHT_ELEMENT(b, right_k, column, inner, width);                            \
        }                                                                                                        \
    }

#define ADD_MATRIX_PRODUCT(x, b, rows, inner, width, COLUMN)                                                     \
    {                                                                                                            \
        float next_left[WORDS_EACH][PER_WORD], next_right[WORDS_EACH][PER_WORD];                                 \
        BEGIN_PRODUCTS(FROM_ZERO)                                                                                \
        FETCH_BLOCK(x, b, rows, inner, width, COLUMN, 0)                                                         \
        for (int first = 0; first < (inner); first += INNER)                                                     \
        {                                                                                                        \
            UNROLL for (int turn = 0; turn < WORDS_EACH; turn++)                                                 \
            {                                                                                                    \
                const int at = item + turn * SIDE * SIDE;                                                        \
                left[at % INNER_WORDS][at / INNER_WORDS] = word_of(next_left[turn]);                             \
                right[at / TILE][at % TILE] = word_of(next_right[turn]);                                         \
            }                                                                                                    \
                                                                                                                 \
            barrier(CLK_LOCAL_MEM_FENCE);                                                                        \
            if (first + INNER < (inner))                                                                         \
            {                                                                                                    \
                FETCH_BLOCK(x, b, rows, inner, width, COLUMN, first + INNER)                                     \
            }                                                                                                    \
                                                                                                                 \
            ADD_BLOCK(left, right, min(INNER, (inner) - first))                                                  \
            barrier(CLK_LOCAL_MEM_FENCE);                                                                        \
        }                                                                                                        \
                                                                                                                 \
        END_PRODUCTS(left, right)                                                                                \
    }
#else
#define ADD_MATRIX_PRODUCT(x, b, rows, inner, width, COLUMN)                                                     \
    for (int first = 0; first < (inner); first += INNER)                                                         \
    {                                                                                                            \
        for (int at = item; at < INNER * TILE; at += SIDE * SIDE)                                                \
        {                                                                                                        \
            const int row = first_row + at / INNER, left_k = first + at % INNER;                                 \
            const int right_k = first + at / TILE, column = COLUMN(at % TILE);                                   \
            left[at % INNER][at / INNER] = operand(LEFT_ELEMENT(x, row, left_k, rows, inner));                   \
            right[at / TILE][at % TILE] = operand(RIGHT_ELEMENT(b, right_k, column, inner, width));              \
        }                                                                                                        \
                                                                                                                 \
        barrier(CLK_LOCAL_MEM_FENCE);                                                                            \
        ADD_BLOCK(left, right, min(INNER, (inner) - first))                                                      \
        barrier(CLK_LOCAL_MEM_FENCE);                                                                            \
    }
#endif
