// Matrix products and the sums of weight gradients, in the tiles of tile.cl.

// Packs W [outer,inner] as B [inner,outer].
kernel void linear_transpose(SPAN(float, matrix), SPAN(float, target), const int outer, const int count)
{
    OPEN(float, matrix);
    OPEN(float, target);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int inner = count / outer;
    target[index] = matrix[(size_t)(index % outer) * inner + index / outer];
}

#define OUTER_COLUMN(c) (first_column + (c) < outer ? first_column + (c) : -1)

// y = start + x B. x [rows,inner], B [inner,outer], y [rows,outer]; start is y itself, a bias [outer], or zero.
kernel __attribute__((reqd_work_group_size(SIDE, SIDE, 1))) void linear_multiply(
    SPAN(float, x), SPAN(float, b), SPAN(float, y), SPAN(float, bias), const int accumulates, const int rows, const int inner, const int outer)
{
    OPEN(float, x);
    OPEN(float, b);
    OPEN(float, y);
    OPEN(float, bias);
    local float left[INNER][TILE + 1], right[INNER][TILE];
    TILE_PLACES;
    const int first_column = get_group_id(0) * TILE, first_row = get_group_id(1) * TILE;
    float sum[EACH][EACH];
    for (int r = 0; r < EACH; r++)
    {
        for (int c = 0; c < EACH; c++)
        {
            const int row = first_row + r * SIDE + item_row, column = first_column + c * SIDE + item_column;
            const int inside = row < rows && column < outer;
            sum[r][c] = !inside ? 0.0f : accumulates ? y[(size_t)row * outer + column] : GIVEN(bias) ? bias[column] : 0.0f;
        }
    }

    ADD_MATRIX_PRODUCT(x, b, rows, inner, outer, OUTER_COLUMN)
    for (int r = 0; r < EACH; r++)
    {
        for (int c = 0; c < EACH; c++)
        {
            const int row = first_row + r * SIDE + item_row, column = first_column + c * SIDE + item_column;
            if (row < rows && column < outer) y[(size_t)row * outer + column] = sum[r][c];
        }
    }
}

// The k-th position of a sum over the rows of one shard. In time: t, then n. In segments of 64 steps from the last one to the first
// (Devices/Summation.cs): the last, shorter one comes first.
static int position_of(const int k, const int steps, const int batch_rows, const int first_row, const int row_count, const int last_first)
{
    int t = k / row_count;
    const int n = k % row_count;
    if (last_first)
    {
        const int last = (steps - 1) / 64 * 64, last_count = steps - last;
        if (t < last_count) t += last;
        else t = last - 64 - (t - last_count) / 64 * 64 + (t - last_count) % 64;
    }

    return t * batch_rows + first_row + n;
}

// What becomes of a finished sum and its target: Summation.Write, Add, Continue.
#define WRITE 0
#define ADD 1
#define CONTINUE 2

// gradient [outputs,inputs] = sum over positions of left right^T. left [T,N,left_width] from a column on, right [T,N,inputs].
kernel __attribute__((reqd_work_group_size(SIDE, SIDE, 1))) void linear_gradient(
    SPAN(float, dy), const int outputs, SPAN(float, x), const int inputs, SPAN(float, gradient), const int summation,
    const int steps, const int batch_rows, const int first_row, const int row_count, const int last_first)
{
    OPEN(float, dy);
    OPEN(float, x);
    OPEN(float, gradient);
    local float left[INNER][TILE], right[INNER][TILE];
    local int positions[INNER];
    TILE_PLACES;
    const int first_input = get_group_id(0) * TILE, first_output = get_group_id(1) * TILE;
    const int inner = steps * row_count;
    float sum[EACH][EACH];
    for (int r = 0; r < EACH; r++)
    {
        for (int c = 0; c < EACH; c++)
        {
            const int output = first_output + r * SIDE + item_row, input = first_input + c * SIDE + item_column;
            const int continues = summation == CONTINUE && output < outputs && input < inputs;
            sum[r][c] = continues ? gradient[(size_t)output * inputs + input] : 0.0f;
        }
    }

    for (int first = 0; first < inner; first += INNER)
    {
        const int count = min(INNER, inner - first);
        if (item < count) positions[item] = position_of(first + item, steps, batch_rows, first_row, row_count, last_first);
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int at = item; at < INNER * TILE; at += SIDE * SIDE)
        {
            const int k = at / TILE, output = first_output + at % TILE, input = first_input + at % TILE;
            left[k][at % TILE] = k < count && output < outputs ? dy[(size_t)positions[k] * outputs + output] : 0.0f;
            right[k][at % TILE] = k < count && input < inputs ? x[(size_t)positions[k] * inputs + input] : 0.0f;
        }

        barrier(CLK_LOCAL_MEM_FENCE);
        if (count == INNER) ADD_PRODUCTS(left, right, INNER)
        else ADD_PRODUCTS(left, right, count)
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    for (int r = 0; r < EACH; r++)
    {
        for (int c = 0; c < EACH; c++)
        {
            const int output = first_output + r * SIDE + item_row, input = first_input + c * SIDE + item_column;
            if (output >= outputs || input >= inputs) continue;
            const size_t at = (size_t)output * inputs + input;
            gradient[at] = summation == ADD ? gradient[at] + sum[r][c] : sum[r][c];
        }
    }
}

// sums [width] = sum over positions of a, or of a*b, feature by feature. a [T,N,a_stride], b [T,N,width].
kernel void linear_column_sums(
    SPAN(float, a), const int a_stride, SPAN(float, b), const int width, SPAN(float, sums), const int summation,
    const int steps, const int batch_rows, const int first_row, const int row_count, const int last_first)
{
    OPEN(float, a);
    OPEN(float, b);
    OPEN(float, sums);
    const int column = get_global_id(0);
    if (column >= width) return;
    float sum = summation == CONTINUE ? sums[column] : 0.0f;
    for (int turn = 0; turn < steps; turn++)
    {
        const int first = position_of(turn * max(row_count, 1), steps, batch_rows, first_row, max(row_count, 1), last_first);
        for (int n = 0; n < row_count; n++)
        {
            const float value = a[(size_t)(first + n) * a_stride + column];
            sum = GIVEN(b) ? fma(value, b[(size_t)(first + n) * width + column], sum) : sum + value;
        }
    }

    sums[column] = summation == ADD ? sums[column] + sum : sum;
}
