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
    TILE_MEMORY;
    TILE_PLACES;
    const int first_column = get_group_id(0) * TILE, first_row = get_group_id(1) * TILE;
    float sum[EACH][EACH];
    UNROLL for (int r = 0; r < EACH; r++)
    {
        UNROLL for (int c = 0; c < EACH; c++)
        {
            const int row = first_row + r * SIDE + item_row, column = first_column + c * SIDE + item_column;
            const int inside = row < rows && column < outer;
            sum[r][c] = !inside ? 0.0f : accumulates ? y[(size_t)row * outer + column] : GIVEN(bias) ? bias[column] : 0.0f;
        }
    }

    ADD_MATRIX_PRODUCT(x, b, rows, inner, outer, OUTER_COLUMN)
    UNROLL for (int r = 0; r < EACH; r++)
    {
        UNROLL for (int c = 0; c < EACH; c++)
        {
            const int row = first_row + r * SIDE + item_row, column = first_column + c * SIDE + item_column;
            if (row < rows && column < outer) y[(size_t)row * outer + column] = sum[r][c];
        }
    }
}

// Where a sum that continues begins; tensor cores continue their own, so that a pass in windows of time has the sums of a whole one.
#define OLD_SUM(row, column)                                                                           \
    (summation == CONTINUE && first_output + (row) < outputs && first_input + (column) < inputs        \
         ? gradient[(size_t)(first_output + (row)) * inputs + first_input + (column)] : 0.0f)
#ifdef TENSOR_CORES
#define SUM_START(row, column) 0.0f
#define FRAGMENT_START OLD_SUM
#else
#define SUM_START OLD_SUM
#endif

// gradient [outputs,inputs] = sum over positions of left right^T. left [T,N,left_width] from a column on, right [T,N,inputs].
kernel __attribute__((reqd_work_group_size(SIDE, SIDE, 1))) void linear_gradient(
    SPAN(float, dy), const int outputs, SPAN(float, x), const int inputs, SPAN(float, gradient), const int summation,
    const int steps, const int batch_rows, const int first_row, const int row_count, const int last_first)
{
    OPEN(float, dy);
    OPEN(float, x);
    OPEN(float, gradient);
    TILE_MEMORY;
    local int positions[INNER];
    TILE_PLACES;
    const int first_input = get_group_id(0) * TILE, first_output = get_group_id(1) * TILE;
    const int inner = steps * row_count, head = head_of(steps, row_count, last_first);
    float sum[EACH][EACH];
    UNROLL for (int r = 0; r < EACH; r++)
        UNROLL for (int c = 0; c < EACH; c++) sum[r][c] = SUM_START(r * SIDE + item_row, c * SIDE + item_column);

    BEGIN_PRODUCTS(FRAGMENT_START)
    for (int first = 0, count; first < inner; first += count)
    {
        count = min(INNER, (first < head ? head : inner) - first);
        if (item < count) positions[item] = position_of(first + item, steps, batch_rows, first_row, row_count, last_first);
        barrier(CLK_LOCAL_MEM_FENCE);
        UNROLL for (int turn = 0; turn < WORDS_EACH; turn++)
        {
            const int at = item + turn * SIDE * SIDE, output = first_output + at % TILE, input = first_input + at % TILE;
            float of_left[PER_WORD], of_right[PER_WORD];
            UNROLL for (int part = 0; part < PER_WORD; part++)
            {
                const int k = at / TILE * PER_WORD + part;
                of_left[part] = k < count && output < outputs ? dy[(size_t)positions[k] * outputs + output] : 0.0f;
                of_right[part] = k < count && input < inputs ? x[(size_t)positions[k] * inputs + input] : 0.0f;
            }

            left[at / TILE][at % TILE] = word_of(of_left);
            right[at / TILE][at % TILE] = word_of(of_right);
        }

        barrier(CLK_LOCAL_MEM_FENCE);
        ADD_BLOCK(left, right, count)
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    END_PRODUCTS(left, right)
    UNROLL for (int r = 0; r < EACH; r++)
    {
        UNROLL for (int c = 0; c < EACH; c++)
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
