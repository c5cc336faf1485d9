// The steps of GRU and RNN, each one kernel with its recurrent product, and what all recurrent layers share. Rows n, units H; states [N,H]. A row that has
// ended keeps its state.

// Nothing comes from an output beyond a row's length, whatever stands there. x [T,N,width].
kernel void recurrent_clear_padding(SPAN(float, x), SPAN(int, lengths), const int first_step, const int rows, const int width, const int count)
{
    OPEN(float, x);
    OPEN(int, lengths);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int position = index / width;
    if (first_step + position / rows >= lengths[position % rows]) x[index] = 0.0f;
}

// What a work-item computes of a GRU's product are all gates of a unit: column c of a tile is gate c/SIDE of unit c%SIDE of the group's eight.
#define GRU_GATES 3
#define GRU_COLUMN(c) ((c) / SIDE < GRU_GATES && first_unit + (c) % SIDE < units ? (c) / SIDE * units + first_unit + (c) % SIDE : -1)

// GRU: gates [N,3H] in the order r, z, n, in: x W^T + b, out: activated; the product h U^T + c stays apart, because the reset gate multiplies its part of n.
// u [H,3H], bias [3H].
kernel __attribute__((reqd_work_group_size(SIDE, SIDE, 1))) void recurrent_gru_step(
    SPAN(float, hidden), SPAN(float, u), SPAN(float, bias), SPAN(float, gates), SPAN(float, candidate_product), SPAN(float, next_hidden),
    SPAN(int, lengths), const int batch_step, const int rows, const int units)
{
    OPEN(float, hidden);
    OPEN(float, u);
    OPEN(float, bias);
    OPEN(float, gates);
    OPEN(float, candidate_product);
    OPEN(float, next_hidden);
    OPEN(int, lengths);
    TILE_MEMORY;
    TILE_PLACES;
    const int first_row = get_group_id(1) * TILE, first_unit = get_group_id(0) * SIDE, unit = first_unit + item_column;
    float sum[EACH][EACH];
    for (int r = 0; r < EACH; r++)
        for (int c = 0; c < EACH; c++) sum[r][c] = c < GRU_GATES && unit < units ? bias[c * units + unit] : 0.0f;

    ADD_MATRIX_PRODUCT(hidden, u, rows, units, GRU_GATES * units, GRU_COLUMN)
    for (int r = 0; r < EACH; r++)
    {
        const int row = first_row + r * SIDE + item_row;
        if (row >= rows || unit >= units) continue;
        const size_t at = (size_t)row * units + unit;
        global float* const a = gates + (size_t)row * GRU_GATES * units + unit;
        float reset = 0.0f, update = 0.0f, n = 0.0f, m = 0.0f, h = hidden[at];
        if (!PADDED(lengths, batch_step, row))
        {
            reset = sigmoid_of(a[0] + sum[r][0]);
            update = sigmoid_of(a[units] + sum[r][1]);
            m = sum[r][2];
            n = tanh_of(fma(reset, m, a[2 * units]));
            h = fma(update, h - n, n);
        }

        a[0] = reset;
        a[units] = update;
        a[2 * units] = n;
        candidate_product[at] = m;
        next_hidden[at] = h;
    }
}

#define UNIT_COLUMN(c) (first_column + (c) < units ? first_column + (c) : -1)

// sum: a tile of what stands in y [N,H], and x U, unless x [N,inner] is left out. u [inner,H].
#define ADDED_TO(x, u, y, inner)                                                           \
    TILE_MEMORY;                                                                           \
    TILE_PLACES;                                                                           \
    const int first_column = get_group_id(0) * TILE, first_row = get_group_id(1) * TILE;   \
    float sum[EACH][EACH];                                                                 \
    for (int r = 0; r < EACH; r++)                                                         \
    {                                                                                      \
        const int row = first_row + r * SIDE + item_row;                                   \
        for (int c = 0; c < EACH; c++)                                                     \
        {                                                                                  \
            const int unit = first_column + c * SIDE + item_column;                        \
            sum[r][c] = row < rows && unit < units ? y[(size_t)row * units + unit] : 0.0f; \
        }                                                                                  \
    }                                                                                      \
                                                                                           \
    const int depth = GIVEN(x) ? (inner) : 0;                                              \
    ADD_MATRIX_PRODUCT(x, u, rows, depth, units, UNIT_COLUMN)

// Backward of recurrent_gru_step: the gradient of x W^T in place of the gates, that of h U^T in product; dh_before is added to. later: product of the step
// after it.
kernel __attribute__((reqd_work_group_size(SIDE, SIDE, 1))) void recurrent_gru_step_gradient(
    SPAN(float, later), SPAN(float, u), SPAN(float, gates), SPAN(float, product), SPAN(float, candidate_product), SPAN(float, hidden), SPAN(float, dh),
    SPAN(float, dh_before), SPAN(int, lengths), const int batch_step, const int rows, const int units)
{
    OPEN(float, later);
    OPEN(float, u);
    OPEN(float, gates);
    OPEN(float, product);
    OPEN(float, candidate_product);
    OPEN(float, hidden);
    OPEN(float, dh);
    OPEN(float, dh_before);
    OPEN(int, lengths);
    ADDED_TO(later, u, dh, GRU_GATES * units)
    for (int r = 0; r < EACH; r++)
    {
        const int row = first_row + r * SIDE + item_row;
        for (int c = 0; c < EACH; c++)
        {
            const int unit = first_column + c * SIDE + item_column;
            if (row >= rows || unit >= units) continue;
            const size_t at = (size_t)row * units + unit, gates_at = (size_t)row * GRU_GATES * units + unit;
            global float* const a = gates + gates_at;
            global float* const p = product + gates_at;
            const float dhidden = sum[r][c];
            if (PADDED(lengths, batch_step, row))
            {
                // Forward left zeros in place of the gates.
                dh_before[at] += dhidden;
                dh[at] = 0.0f;
                p[0] = 0.0f;
                p[units] = 0.0f;
                p[2 * units] = 0.0f;
                continue;
            }

            const float reset = a[0], update = a[units], n = a[2 * units];
            dh[at] = dhidden;
            dh_before[at] = dhidden * update + dh_before[at];
            const float dupdate = dhidden * (hidden[at] - n) * (update * (1.0f - update));
            const float dn = dhidden * (1.0f - update) * (1.0f - n * n);
            const float dreset = dn * candidate_product[at] * (reset * (1.0f - reset));
            a[0] = dreset;
            a[units] = dupdate;
            a[2 * units] = dn;
            p[0] = dreset;
            p[units] = dupdate;
            p[2 * units] = dn * reset;
        }
    }
}

// RNN: after [N,H], in: x W^T + b, out: tanh of that and h U^T. u [H,H].
kernel __attribute__((reqd_work_group_size(SIDE, SIDE, 1))) void recurrent_rnn_step(
    SPAN(float, before), SPAN(float, u), SPAN(float, after), SPAN(int, lengths), const int batch_step, const int rows, const int units)
{
    OPEN(float, before);
    OPEN(float, u);
    OPEN(float, after);
    OPEN(int, lengths);
    ADDED_TO(before, u, after, units)
    for (int r = 0; r < EACH; r++)
    {
        const int row = first_row + r * SIDE + item_row;
        for (int c = 0; c < EACH; c++)
        {
            const int unit = first_column + c * SIDE + item_column;
            if (row >= rows || unit >= units) continue;
            const size_t at = (size_t)row * units + unit;
            after[at] = PADDED(lengths, batch_step, row) ? before[at] : tanh_of(sum[r][c]);
        }
    }
}

// Backward of recurrent_rnn_step, in place of dh; dh_before is added to. later: that of the step after it.
kernel __attribute__((reqd_work_group_size(SIDE, SIDE, 1))) void recurrent_rnn_step_gradient(
    SPAN(float, later), SPAN(float, u), SPAN(float, after), SPAN(float, dh), SPAN(float, dh_before), SPAN(int, lengths), const int batch_step,
    const int rows, const int units)
{
    OPEN(float, later);
    OPEN(float, u);
    OPEN(float, after);
    OPEN(float, dh);
    OPEN(float, dh_before);
    OPEN(int, lengths);
    ADDED_TO(later, u, dh, units)
    for (int r = 0; r < EACH; r++)
    {
        const int row = first_row + r * SIDE + item_row;
        for (int c = 0; c < EACH; c++)
        {
            const int unit = first_column + c * SIDE + item_column;
            if (row >= rows || unit >= units) continue;
            const size_t at = (size_t)row * units + unit;
            const int padded = PADDED(lengths, batch_step, row);
            if (padded) dh_before[at] += sum[r][c];
            dh[at] = padded ? 0.0f : sum[r][c] * (1.0f - after[at] * after[at]);
        }
    }
}
