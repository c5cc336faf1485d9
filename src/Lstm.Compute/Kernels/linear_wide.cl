// Products and sums of weight gradients over large extents on GPUs: linear_multiply and linear_gradient, element by element with the same bits, in tiles of
// 128x64 elements. A work-group of 8x16 work-items has 8x8 elements each in registers; two blocks of the inner index take turns in local memory, so that the
// next one is read from device memory and stored while this one is multiplied.

#define WIDE_ROWS 128
#define WIDE_COLUMNS 64
#define WIDE_ITEMS 128
#define WIDE_EACH 8
#ifdef TENSOR_CORES
#define WIDE_WORDS 8
#else
#define WIDE_WORDS 16
#endif
#define WIDE_INNER (WIDE_WORDS * PER_WORD)

// Vectors of four that a work-item reads of a block.
#define LEFT_VECTORS (WIDE_ROWS * WIDE_INNER / 4 / WIDE_ITEMS)
#define RIGHT_VECTORS (WIDE_COLUMNS * WIDE_INNER / 4 / WIDE_ITEMS)

// A block in local memory is [word][row or column]; what tensor cores read of an operand whose rows run along the inner index stays [row][word].
// Lengths of rows keep off conflicts of banks, and are whole vectors.
#ifdef TENSOR_CORES
#define LEFT_LENGTH (WIDE_ROWS + 8)
#define RIGHT_LENGTH (WIDE_COLUMNS + 8)
#define ROW_LENGTH (WIDE_WORDS + 4)
#define LEFT_SIZE (WIDE_ROWS * ROW_LENGTH)
#define WIDE_ROW(r) (item / 64 * 64 + (r) / 2 * 16 + (r) % 2 * 8 + item % 32 / 4)
#define WIDE_COLUMN(c) (item / 32 % 2 * 32 + (c) / 2 * 8 + item % 4 * 2 + (c) % 2)
#else
#define LEFT_LENGTH (WIDE_ROWS + 4)
#define RIGHT_LENGTH (WIDE_COLUMNS + 4)
#define LEFT_SIZE (WIDE_WORDS * LEFT_LENGTH)
#define WIDE_ROW(r) ((r) / 4 * 64 + item / 8 * 4 + (r) % 4)
#define WIDE_COLUMN(c) ((c) / 4 * 32 + item % 8 * 4 + (c) % 4)
#endif

#define VECTORS __attribute__((aligned(16)))
#define WIDE_MEMORY                                                                                                                       \
    local float left[2][LEFT_SIZE] VECTORS, right[2][WIDE_WORDS * RIGHT_LENGTH] VECTORS EMULATION_MEMORY(WIDE_ITEMS);                     \
    const int item = get_local_id(1) * 8 + get_local_id(0)

// Four neighbours, of which the first count are there. Vectors may be read whole where every row begins at one.
static float4 read_vector(global const float* const at, const int count, const int is_aligned)
{
    float4 vector = 0.0f;
    if (count >= 4) vector = is_aligned ? *(global const float4*)at : vload4(0, at);
    else if (count > 0)
    {
        vector.x = at[0];
        if (count > 1) vector.y = at[1];
        if (count > 2) vector.z = at[2];
    }

    return vector;
}

// A block of an operand whose rows run along the inner index: x [rows,inner].
static void fetch_rows(
    float4* const vectors, global const float* const x, const int rows, const int inner, const int first_row, const int first, const int item,
    const int is_aligned)
{
    UNROLL for (int turn = 0; turn < LEFT_VECTORS; turn++)
    {
        const int at = item + turn * WIDE_ITEMS, row = first_row + at / (WIDE_INNER / 4), k = first + at % (WIDE_INNER / 4) * 4;
        vectors[turn] = read_vector(x + (size_t)row * inner + k, row < rows ? inner - k : 0, is_aligned);
    }
}

static void store_rows(local float* const block, const float4* const vectors, const int item)
{
    UNROLL for (int turn = 0; turn < LEFT_VECTORS; turn++)
    {
        const int at = item + turn * WIDE_ITEMS, row = at / (WIDE_INNER / 4), word = at % (WIDE_INNER / 4) * 4 / PER_WORD;
        const float values[4] = {vectors[turn].x, vectors[turn].y, vectors[turn].z, vectors[turn].w};
#ifdef TENSOR_CORES
        UNROLL for (int index = 0; index < 4 / PER_WORD; index++) block[row * ROW_LENGTH + word + index] = word_of(values + index * PER_WORD);
#else
        UNROLL for (int index = 0; index < 4; index++) block[(word + index) * LEFT_LENGTH + row] = operand(values[index]);
#endif
    }
}

// A block of an operand whose rows follow each other along the inner index, of the left operand or the right one: rows from the block's first on, or, if they are
// named, those in positions (whose address may be 0: that says nothing); width columns of a tile from first_column on, of columns. VECTORS_EACH of them are a
// work-item's, and a row is LENGTH long in local memory.
#define COLUMNS_OF(side, VECTORS_EACH, WIDTH, LENGTH)                                                                                             \
    static void fetch_##side##_columns(                                                                                                           \
        float4* const vectors, global const float* const b, const int columns, const int first_column, const int first,                           \
        local const int* const positions, const int is_named, const int inner, const int item, const int is_aligned)                              \
    {                                                                                                                                             \
        UNROLL for (int turn = 0; turn < VECTORS_EACH; turn++)                                                                                    \
        {                                                                                                                                         \
            const int at = item + turn / PER_WORD * WIDE_ITEMS, k = at / (WIDTH / 4) * PER_WORD + turn % PER_WORD;                                \
            const int column = first_column + at % (WIDTH / 4) * 4, is_there = first + k < inner;                                                 \
            const int row = !is_there ? 0 : is_named ? positions[k] : first + k;                                                                  \
            vectors[turn] = read_vector(b + (size_t)row * columns + column, is_there ? columns - column : 0, is_aligned);                         \
        }                                                                                                                                         \
    }                                                                                                                                             \
                                                                                                                                                  \
    static void store_##side##_columns(local float* const block, const float4* const vectors, const int item)                                     \
    {                                                                                                                                             \
        UNROLL for (int turn = 0; turn < VECTORS_EACH; turn += PER_WORD)                                                                          \
        {                                                                                                                                         \
            const int at = item + turn / PER_WORD * WIDE_ITEMS;                                                                                   \
            const float4 low = vectors[turn], high = vectors[turn + PER_WORD - 1];                                                                \
            const float x[2] = {low.x, high.x}, y[2] = {low.y, high.y}, z[2] = {low.z, high.z}, w[2] = {low.w, high.w};                           \
            *(local float4*)(block + at / (WIDTH / 4) * LENGTH + at % (WIDTH / 4) * 4) = (float4)(word_of(x), word_of(y), word_of(z), word_of(w)); \
        }                                                                                                                                         \
    }

COLUMNS_OF(left, LEFT_VECTORS, WIDE_ROWS, LEFT_LENGTH)
COLUMNS_OF(right, RIGHT_VECTORS, WIDE_COLUMNS, RIGHT_LENGTH)

// Adds the products of one block. LEFT(word, row): where a word of the left operand is.
#ifdef TENSOR_CORES
#define ADD_WIDE_PRODUCTS(block_left, block_right, LEFT, count)                                                                                 \
    {                                                                                                                                           \
        const int group = item % 32 / 4, place = item % 4;                                                                                      \
        float b[WIDE_EACH / 2][2];                                                                                                              \
        UNROLL for (int n = 0; n < WIDE_EACH / 2; n++)                                                                                          \
        {                                                                                                                                       \
            const int column = item / 32 % 2 * 32 + n * 8 + group;                                                                              \
            b[n][0] = (block_right)[place * RIGHT_LENGTH + column];                                                                             \
            b[n][1] = (block_right)[(place + 4) * RIGHT_LENGTH + column];                                                                       \
        }                                                                                                                                       \
                                                                                                                                                \
        UNROLL for (int m = 0; m < WIDE_EACH / 2; m++)                                                                                          \
        {                                                                                                                                       \
            const int row = item / 64 * 64 + m * 16 + group;                                                                                    \
            const float a0 = (block_left)[LEFT(place, row)], a1 = (block_left)[LEFT(place, row + 8)];                                           \
            const float a2 = (block_left)[LEFT(place + 4, row)], a3 = (block_left)[LEFT(place + 4, row + 8)];                                   \
            UNROLL for (int n = 0; n < WIDE_EACH / 2; n++)                                                                                      \
                multiply_fragments(                                                                                                             \
                    &sum[2 * m][2 * n], &sum[2 * m][2 * n + 1], &sum[2 * m + 1][2 * n], &sum[2 * m + 1][2 * n + 1], a0, a1, a2, a3, b[n][0],    \
                    b[n][1] EMULATION);                                                                                                         \
        }                                                                                                                                       \
    }
#define ALONG_INNER(word, row) ((row) * ROW_LENGTH + (word))
#else
#define ADD_WIDE_WORDS(block_left, block_right, count)                                                                                          \
    for (int k = 0; k < (count); k++)                                                                                                           \
    {                                                                                                                                           \
        const local float* const row = (block_left) + k * LEFT_LENGTH + item / 8 * 4;                                                           \
        const local float* const column = (block_right) + k * RIGHT_LENGTH + item % 8 * 4;                                                      \
        const float4 a0 = *(const local float4*)row, a1 = *(const local float4*)(row + 64);                                                     \
        const float4 b0 = *(const local float4*)column, b1 = *(const local float4*)(column + 32);                                               \
        const float a[WIDE_EACH] = {a0.x, a0.y, a0.z, a0.w, a1.x, a1.y, a1.z, a1.w}, b[WIDE_EACH] = {b0.x, b0.y, b0.z, b0.w, b1.x, b1.y, b1.z, b1.w}; \
        UNROLL for (int r = 0; r < WIDE_EACH; r++)                                                                                              \
            UNROLL for (int c = 0; c < WIDE_EACH; c++) sum[r][c] = fma(a[r], b[c], sum[r][c]);                                                  \
    }
#define ADD_WIDE_PRODUCTS(block_left, block_right, LEFT, count)                                   \
    if ((count) == WIDE_WORDS) ADD_WIDE_WORDS(block_left, block_right, WIDE_WORDS)                \
    else ADD_WIDE_WORDS(block_left, block_right, count)
#endif
#define ALONG_ROWS(word, row) ((word) * LEFT_LENGTH + (row))

#define FOR_WIDE_SUMS                                      \
    UNROLL for (int r = 0; r < WIDE_EACH; r++)             \
        UNROLL for (int c = 0; c < WIDE_EACH; c++)

// As linear_multiply.
kernel __attribute__((reqd_work_group_size(8, 16, 1))) void linear_multiply_wide(
    SPAN(float, x), SPAN(float, b), SPAN(float, y), SPAN(float, bias), const int accumulates, const int rows, const int inner, const int outer)
{
    OPEN(float, x);
    OPEN(float, b);
    OPEN(float, y);
    OPEN(float, bias);
    WIDE_MEMORY;
    const int first_column = get_group_id(0) * WIDE_COLUMNS, first_row = get_group_id(1) * WIDE_ROWS;
    const int x_aligned = ((x_first | inner) & 3) == 0, b_aligned = ((b_first | outer) & 3) == 0;
#define WIDE_START(row, column)                                                                                                                 \
    ((row) >= rows || (column) >= outer ? 0.0f : accumulates ? y[(size_t)(row) * outer + (column)] : GIVEN(bias) ? bias[column] : 0.0f)
    float sum[WIDE_EACH][WIDE_EACH];
#ifdef TENSOR_CORES
    FOR_WIDE_SUMS sum[r][c] = 0.0f;
#else
    FOR_WIDE_SUMS sum[r][c] = WIDE_START(first_row + WIDE_ROW(r), first_column + WIDE_COLUMN(c));
#endif
    float4 next_left[LEFT_VECTORS], next_right[RIGHT_VECTORS];
    for (int first = -WIDE_INNER; first < inner; first += WIDE_INNER)
    {
        const int next = first + WIDE_INNER, turn = next / WIDE_INNER % 2;
        if (next < inner)
        {
            fetch_rows(next_left, x, rows, inner, first_row, next, item, x_aligned);
            fetch_right_columns(next_right, b, outer, first_column, next, 0, 0, inner, item, b_aligned);
        }

        if (first >= 0)
        {
            ADD_WIDE_PRODUCTS(left[1 - turn], right[1 - turn], ALONG_INNER, min(WIDE_INNER, inner - first))
        }

        if (next < inner)
        {
            store_rows(left[turn], next_left, item);
            store_right_columns(right[turn], next_right, item);
        }

        barrier(CLK_LOCAL_MEM_FENCE);
    }

    FOR_WIDE_SUMS
    {
        const int row = first_row + WIDE_ROW(r), column = first_column + WIDE_COLUMN(c);
        if (row >= rows || column >= outer) continue;
#ifdef TENSOR_CORES
        sum[r][c] = WIDE_START(row, column) + sum[r][c];
#endif
        y[(size_t)row * outer + column] = sum[r][c];
    }
}

// As linear_gradient.
kernel __attribute__((reqd_work_group_size(8, 16, 1))) void linear_gradient_wide(
    SPAN(float, dy), const int outputs, SPAN(float, x), const int inputs, SPAN(float, gradient), const int summation,
    const int steps, const int batch_rows, const int first_row, const int row_count, const int last_first)
{
    OPEN(float, dy);
    OPEN(float, x);
    OPEN(float, gradient);
    WIDE_MEMORY;
    local int positions[2][WIDE_INNER];
    const int first_input = get_group_id(0) * WIDE_COLUMNS, first_output = get_group_id(1) * WIDE_ROWS;
    const int dy_aligned = ((dy_first | outputs) & 3) == 0, x_aligned = ((x_first | inputs) & 3) == 0;
    const int inner = steps * row_count, head = head_of(steps, row_count, last_first);
    float sum[WIDE_EACH][WIDE_EACH];
    FOR_WIDE_SUMS sum[r][c] = 0.0f;
    if (summation == CONTINUE)
    {
        FOR_WIDE_SUMS
        {
            const int output = first_output + WIDE_ROW(r), input = first_input + WIDE_COLUMN(c);
            if (output < outputs && input < inputs) sum[r][c] = gradient[(size_t)output * inputs + input];
        }
    }

    // A block is named to the others, then fetched and stored, then multiplied, each while the one before it is at the next station.
    float4 next_left[LEFT_VECTORS], next_right[RIGHT_VECTORS];
    int count = 0, next = 0, next_count = 0, named = 0, turn = 0;
    while (1)
    {
        const int named_count = clamp((named < head ? head : inner) - named, 0, WIDE_INNER);
        if (next_count > 0)
        {
            fetch_left_columns(next_left, dy, outputs, first_output, next, positions[1 - turn], 1, next + next_count, item, dy_aligned);
            fetch_right_columns(next_right, x, inputs, first_input, next, positions[1 - turn], 1, next + next_count, item, x_aligned);
        }

        if (item < named_count) positions[turn][item] = position_of(named + item, steps, batch_rows, first_row, row_count, last_first);
        if (count > 0)
        {
            ADD_WIDE_PRODUCTS(left[turn], right[turn], ALONG_ROWS, count)
        }

        if (next_count > 0)
        {
            store_left_columns(left[1 - turn], next_left, item);
            store_right_columns(right[1 - turn], next_right, item);
        }

        barrier(CLK_LOCAL_MEM_FENCE);
        if (next_count + named_count == 0) break;
        count = next_count;
        next = named;
        next_count = named_count;
        named += named_count;
        turn = 1 - turn;
    }

    FOR_WIDE_SUMS
    {
        const int output = first_output + WIDE_ROW(r), input = first_input + WIDE_COLUMN(c);
        if (output >= outputs || input >= inputs) continue;
        const size_t at = (size_t)output * inputs + input;
        gradient[at] = summation == ADD ? gradient[at] + sum[r][c] : sum[r][c];
    }
}
