// The steps of an LSTM without options, each one kernel with its recurrent product. Rows n, units H; gates [N,4H] in the order i, f, g, o, states [N,H].

// What a work-item computes of the product are all gates of a unit: column c of a tile is gate c/SIDE of unit c%SIDE of the group's eight.
#define GATES EACH
#define GATE_COLUMN(c) (first_unit + (c) % SIDE < units ? (c) / SIDE * units + first_unit + (c) % SIDE : -1)

// z += h U^T, then activated gates in place of z, and the states after the step. u [H,4H].
kernel __attribute__((reqd_work_group_size(SIDE, SIDE, 1))) void lstm_step(
    SPAN(float, hidden), SPAN(float, u), SPAN(float, gates), SPAN(float, cell), SPAN(float, next_cell), SPAN(float, next_hidden), const int rows,
    const int units)
{
    OPEN(float, hidden);
    OPEN(float, u);
    OPEN(float, gates);
    OPEN(float, cell);
    OPEN(float, next_cell);
    OPEN(float, next_hidden);
    TILE_MEMORY;
    TILE_PLACES;
    const int first_row = get_group_id(1) * TILE, first_unit = get_group_id(0) * SIDE, unit = first_unit + item_column;
    float sum[EACH][EACH];
    UNROLL for (int r = 0; r < EACH; r++)
    {
        const int row = first_row + r * SIDE + item_row;
        UNROLL for (int c = 0; c < GATES; c++) sum[r][c] = row < rows && unit < units ? gates[((size_t)row * GATES + c) * units + unit] : 0.0f;
    }

    ADD_MATRIX_PRODUCT(hidden, u, rows, units, GATES * units, GATE_COLUMN)
    UNROLL for (int r = 0; r < EACH; r++)
    {
        const int row = first_row + r * SIDE + item_row;
        if (row >= rows || unit >= units) continue;
        const size_t at = (size_t)row * units + unit;
        lstm_cell(
            gates + (size_t)row * GATES * units + unit, units, sum[r][0], sum[r][1], sum[r][2], sum[r][3], cell[at], next_cell + at, next_hidden + at);
    }
}

// Backward of the last step, which no later one follows: dz in place of the gates, dc of the step before in place of dc. One work-item a unit of a row.
kernel void lstm_last_step_gradient(
    SPAN(float, gates), SPAN(float, cell), SPAN(float, next_cell), SPAN(float, dh), SPAN(float, dc), const int units, const int count)
{
    OPEN(float, gates);
    OPEN(float, cell);
    OPEN(float, next_cell);
    OPEN(float, dh);
    OPEN(float, dc);
    const int index = get_global_id(0);
    if (index >= count) return;
    lstm_cell_gradient(gates + (size_t)(index / units) * GATES * units + index % units, units, cell[index], next_cell[index], dh[index], dc + index);
}

#define UNIT_COLUMN(c) (first_column + (c) < units ? first_column + (c) : -1)

// Backward of a step: dh += dz U with dz [N,4H] of the step after it, then as for the last one. u [4H,H].
kernel __attribute__((reqd_work_group_size(SIDE, SIDE, 1))) void lstm_step_gradient(
    SPAN(float, later), SPAN(float, u), SPAN(float, gates), SPAN(float, cell), SPAN(float, next_cell), SPAN(float, dh), SPAN(float, dc), const int rows,
    const int units)
{
    OPEN(float, later);
    OPEN(float, u);
    OPEN(float, gates);
    OPEN(float, cell);
    OPEN(float, next_cell);
    OPEN(float, dh);
    OPEN(float, dc);
    TILE_MEMORY;
    TILE_PLACES;
    const int first_column = get_group_id(0) * TILE, first_row = get_group_id(1) * TILE, inner = GATES * units;
    float sum[EACH][EACH];
    UNROLL for (int r = 0; r < EACH; r++)
    {
        const int row = first_row + r * SIDE + item_row;
        UNROLL for (int c = 0; c < EACH; c++)
        {
            const int unit = first_column + c * SIDE + item_column;
            sum[r][c] = row < rows && unit < units ? dh[(size_t)row * units + unit] : 0.0f;
        }
    }

    ADD_MATRIX_PRODUCT(later, u, rows, inner, units, UNIT_COLUMN)
    UNROLL for (int r = 0; r < EACH; r++)
    {
        const int row = first_row + r * SIDE + item_row;
        UNROLL for (int c = 0; c < EACH; c++)
        {
            const int unit = first_column + c * SIDE + item_column;
            if (row >= rows || unit >= units) continue;
            const size_t at = (size_t)row * units + unit;
            dh[at] = sum[r][c];
            lstm_cell_gradient(gates + (size_t)row * inner + unit, units, cell[at], next_cell[at], sum[r][c], dc + at);
        }
    }
}
