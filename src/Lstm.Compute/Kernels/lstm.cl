// The steps of an LSTM with options, or over rows of different lengths (Devices/LstmOptions.cs has the equations). Without layer normalisation a step is one
// kernel with its recurrent product; with it, and around projections, kernels stand between the matrix products. Rows n, units H; gates [N,GH] in the order
// i, f, g, o; states before and after the step [N,H]. A row that has ended keeps its states.

#define GIVEN_OR_NULL(name) (GIVEN(name) ? name : 0)

// Zoneout of one state: the share of the old value in an element, 0 or 1 by the step's mask, else the rate (Krueger et al. 2017). Mask words as in dropout.
typedef struct
{
    int is_on;
    global const int* keys;
    uint key_low, key_high, stream, threshold;
    float rate;
    int step;
} Zoneout;

// What the masks of a step share: keys [N,2] of the rows, left out when none is drawn.
#define MASKS SPAN(int, keys), const uint key_low, const uint key_high, const int mask_step
#define ZONEOUT(name) const int name##_is_on, const uint name##_stream, const uint name##_threshold, const float name##_rate
#define ZONEOUT_OF(name) \
    {name##_is_on, GIVEN_OR_NULL(keys), key_low, key_high, name##_stream, name##_threshold, name##_rate, mask_step}

INLINED int is_old(const Zoneout z, const int n, const int width, const int feature)
{
    if (!z.keys) return 0;
    const uint shard = (uint)z.keys[2 * n], row = (uint)z.keys[2 * n + 1];
    return philox_word(z.key_low, z.key_high, z.stream, shard, row, (ulong)z.step * width + feature) < z.threshold;
}

INLINED float new_part(const Zoneout z, const int old, const float value)
{
    return z.keys ? (old ? 0.0f : value) : value * (1.0f - z.rate);
}

INLINED float old_part(const Zoneout z, const int old, const float value)
{
    return z.keys ? (old ? value : 0.0f) : value * z.rate;
}

// What the elements of a step's cell have in common. NULL for what is left out: peephole, output where the cell is normalised in between, cell_output
// without projection.
typedef struct
{
    global float *gates, *new_cell, *next_cell, *output, *cell_output;
    global const float *cell, *peephole;
    int coupled, units;
    float clip;
    Zoneout zoneout;
} Cell;

// Gates and new cell of an element with any options, from the pre-activations in place of its gates; output is h~.
INLINED void variant_cell(const Cell s, const int n, const int unit, const int padded)
{
    const int gate_count = s.coupled ? 3 : 4, units = s.units;
    const size_t index = (size_t)n * units + unit;
    global float* const z = s.gates + (size_t)n * gate_count * units + unit;
    global float* const z_g = z + (gate_count - 2) * units;
    global float* const z_o = z_g + units;
    const float c = s.cell[index];
    if (padded)
    {
        for (int gate = 0; gate < gate_count; gate++) z[gate * units] = 0.0f;
        if (s.zoneout.is_on) s.new_cell[index] = 0.0f;
        if (s.cell_output) s.cell_output[index] = 0.0f;
        s.next_cell[index] = c;
        return;
    }

    const float i = sigmoid_of(s.peephole ? fma(s.peephole[unit], c, z[0]) : z[0]);
    z[0] = i;
    float f = 1.0f - i;
    if (!s.coupled)
    {
        f = sigmoid_of(s.peephole ? fma(s.peephole[units + unit], c, z[units]) : z[units]);
        z[units] = f;
    }

    const float g = tanh_of(*z_g);
    *z_g = g;
    float updated = fma(f, c, i * g);
    if (s.clip > 0.0f) updated = clamped(updated, -s.clip, s.clip);
    const float o = sigmoid_of(s.peephole ? fma(s.peephole[(gate_count - 2) * units + unit], updated, *z_o) : *z_o);
    *z_o = o;
    if (s.output) s.output[index] = o * tanh_of(updated);
    if (s.zoneout.is_on)
    {
        const int old = is_old(s.zoneout, n, units, unit);
        s.new_cell[index] = updated;
        updated = new_part(s.zoneout, old, updated) + old_part(s.zoneout, old, c);
    }

    s.next_cell[index] = updated;
}

// Zoneout of h, an element of [N,width], or the state of before for a row that has ended.
INLINED void hold_hidden(
    const Zoneout z, global const float* const before, global float* const after, const int n, const int width, const int feature, const int padded)
{
    const size_t index = (size_t)n * width + feature;
    if (padded)
    {
        after[index] = before[index];
    }
    else if (z.is_on)
    {
        const int old = is_old(z, n, width, feature);
        after[index] = new_part(z, old, after[index]) + old_part(z, old, before[index]);
    }
}

// Backward of hold_hidden: what of dh passes by the step, the rest stays.
INLINED float hold_hidden_gradient(const Zoneout z, global float* const dh, const int n, const int width, const int feature, const int padded)
{
    const size_t index = (size_t)n * width + feature;
    const float d = dh[index];
    if (padded)
    {
        dh[index] = 0.0f;
        return d;
    }

    if (!z.is_on) return 0.0f;
    const int old = is_old(z, n, width, feature);
    dh[index] = new_part(z, old, d);
    return old_part(z, old, d);
}

// What the elements of a step's backward pass have in common. NULL for what is left out: peephole; normalized_gradient without normalisation of the cell,
// else the output gate's gradient stands in its place already, and this is what came through the normalisation.
typedef struct
{
    global float *gates, *dc;
    global const float *cell, *new_cell, *peephole, *normalized_gradient, *dh;
    int coupled, units;
    float clip;
    Zoneout zoneout;
} CellGradient;

// Backward of variant_cell for a row that has not ended: dz in place of the gates, dc of the step before in place of dc.
INLINED void variant_cell_gradient(const CellGradient s, const int n, const int unit)
{
    const int gate_count = s.coupled ? 3 : 4, units = s.units;
    const size_t index = (size_t)n * units + unit;
    global float* const z = s.gates + (size_t)n * gate_count * units + unit;
    global float* const z_g = z + (gate_count - 2) * units;
    global float* const z_o = z_g + units;
    const float i = z[0], f = s.coupled ? 1.0f - i : z[units], g = *z_g, c = s.cell[index], updated = s.new_cell[index];

    float dcell = s.dc[index], carry = 0.0f;
    if (s.zoneout.is_on)
    {
        const int old = is_old(s.zoneout, n, units, unit);
        carry = old_part(s.zoneout, old, dcell);
        dcell = new_part(s.zoneout, old, dcell);
    }

    float dz_o = *z_o;
    if (s.normalized_gradient)
    {
        dcell += s.normalized_gradient[index];
    }
    else
    {
        const float o = dz_o, tanh_cell = tanh_of(updated), dhidden = s.dh[index];
        dz_o = dhidden * tanh_cell * (o * (1.0f - o));
        dcell = fma(dhidden * o, 1.0f - tanh_cell * tanh_cell, dcell);
        *z_o = dz_o;
    }

    if (s.peephole) dcell = fma(dz_o, s.peephole[(gate_count - 2) * units + unit], dcell);
    if (s.clip > 0.0f) dcell = fabs(updated) < s.clip ? dcell : 0.0f;

    const float dz_i = (s.coupled ? dcell * (g - c) : dcell * g) * (i * (1.0f - i));
    z[0] = dz_i;
    *z_g = dcell * i * (1.0f - g * g);
    float before = dcell * f;
    if (s.peephole) before = fma(dz_i, s.peephole[unit], before);
    if (!s.coupled)
    {
        const float dz_f = dcell * c * (f * (1.0f - f));
        z[units] = dz_f;
        if (s.peephole) before = fma(dz_f, s.peephole[units + unit], before);
    }

    s.dc[index] = s.zoneout.is_on ? before + carry : before;
}

// [N,width] factors of recurrent dropout, one mask for all time steps: 0 or the scale of what is kept; 1 out of training.
kernel void lstm_dropout_factors(
    SPAN(float, factors), SPAN(int, keys), const uint key_low, const uint key_high, const uint stream, const uint threshold, const float scale,
    const int width, const int count)
{
    OPEN(float, factors);
    OPEN(int, keys);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int n = index / width;
    if (!GIVEN(keys)) factors[index] = 1.0f;
    else factors[index] = philox_word(key_low, key_high, stream, (uint)keys[2 * n], (uint)keys[2 * n + 1], index % width) < threshold ? 0.0f : scale;
}

// What a work-item computes of the product are all gates of a unit: column c of a tile is gate c/SIDE of unit c%SIDE of the group's eight.
#define GATE_COLUMN(c) ((c) / SIDE < gate_count && first_unit + (c) % SIDE < units ? (c) / SIDE * units + first_unit + (c) % SIDE : -1)

// A step without layer normalisation: z += m U^T, then gates and states; with projection, to h~ in cell_output. m [N,width] is the hidden state before, times the
// factors of recurrent dropout if there are any; without projection next_masked gets that of the next step. u [width,GH].
kernel __attribute__((reqd_work_group_size(SIDE, SIDE, 1))) void lstm_variant_step(
    SPAN(float, masked), SPAN(float, u), SPAN(float, gates), SPAN(float, cell), SPAN(float, new_cell), SPAN(float, next_cell), SPAN(float, peephole),
    SPAN(float, hidden), SPAN(float, next_hidden), SPAN(float, cell_output), SPAN(float, factors), SPAN(float, next_masked), SPAN(int, lengths),
    const int batch_step, const int coupled, const float clip, const int rows, const int width, const int units, MASKS, ZONEOUT(cell), ZONEOUT(hidden))
{
    OPEN(float, masked);
    OPEN(float, u);
    OPEN(float, gates);
    OPEN(float, cell);
    OPEN(float, new_cell);
    OPEN(float, next_cell);
    OPEN(float, peephole);
    OPEN(float, hidden);
    OPEN(float, next_hidden);
    OPEN(float, cell_output);
    OPEN(float, factors);
    OPEN(float, next_masked);
    OPEN(int, lengths);
    OPEN(int, keys);
    TILE_MEMORY;
    TILE_PLACES;
    const int first_row = get_group_id(1) * TILE, first_unit = get_group_id(0) * SIDE, unit = first_unit + item_column, gate_count = coupled ? 3 : 4;
    const int projects = GIVEN(cell_output);
    float sum[EACH][EACH];
    for (int r = 0; r < EACH; r++)
    {
        const int row = first_row + r * SIDE + item_row;
        for (int c = 0; c < EACH; c++)
            sum[r][c] = row < rows && unit < units && c < gate_count ? gates[((size_t)row * gate_count + c) * units + unit] : 0.0f;
    }

    ADD_MATRIX_PRODUCT(masked, u, rows, width, gate_count * units, GATE_COLUMN)
    const Cell step = {
        gates, new_cell, next_cell, projects ? cell_output : next_hidden, projects ? cell_output : 0, cell, GIVEN_OR_NULL(peephole), coupled, units, clip,
        ZONEOUT_OF(cell)};
    const Zoneout hidden_zoneout = ZONEOUT_OF(hidden);
    for (int r = 0; r < EACH; r++)
    {
        const int row = first_row + r * SIDE + item_row;
        if (row >= rows || unit >= units) continue;
        const int padded = PADDED(lengths, batch_step, row);
        for (int c = 0; c < EACH; c++)
            if (c < gate_count) gates[((size_t)row * gate_count + c) * units + unit] = sum[r][c];
        variant_cell(step, row, unit, padded);
        if (projects) continue;
        hold_hidden(hidden_zoneout, hidden, next_hidden, row, units, unit, padded);
        const size_t at = (size_t)row * units + unit;
        if (GIVEN(next_masked)) next_masked[at] = next_hidden[at] * factors[at];
    }
}

#define UNIT_COLUMN(c) (first_column + (c) < units ? first_column + (c) : -1)

// Backward of lstm_variant_step without projection: dh += m*(dz U) with dz [N,GH] of the step after it, if there is one, and m the factors of recurrent dropout,
// if there are any; then the gates. What of dh passes by the step is added to dh_before. u [GH,H].
kernel __attribute__((reqd_work_group_size(SIDE, SIDE, 1))) void lstm_variant_step_gradient(
    SPAN(float, later), SPAN(float, u), SPAN(float, factors), SPAN(float, gates), SPAN(float, cell), SPAN(float, new_cell), SPAN(float, peephole),
    SPAN(float, dh), SPAN(float, dh_before), SPAN(float, dc), SPAN(int, lengths), const int batch_step, const int coupled, const float clip,
    const int rows, const int units, MASKS, ZONEOUT(cell), ZONEOUT(hidden))
{
    OPEN(float, later);
    OPEN(float, u);
    OPEN(float, factors);
    OPEN(float, gates);
    OPEN(float, cell);
    OPEN(float, new_cell);
    OPEN(float, peephole);
    OPEN(float, dh);
    OPEN(float, dh_before);
    OPEN(float, dc);
    OPEN(int, lengths);
    OPEN(int, keys);
    TILE_MEMORY;
    TILE_PLACES;
    const int first_column = get_group_id(0) * TILE, first_row = get_group_id(1) * TILE, inner = GIVEN(later) ? (coupled ? 3 : 4) * units : 0;
    float sum[EACH][EACH];
    for (int r = 0; r < EACH; r++)
    {
        const int row = first_row + r * SIDE + item_row;
        for (int c = 0; c < EACH; c++)
        {
            const int unit = first_column + c * SIDE + item_column;
            sum[r][c] = row < rows && unit < units && !GIVEN(factors) ? dh[(size_t)row * units + unit] : 0.0f;
        }
    }

    ADD_MATRIX_PRODUCT(later, u, rows, inner, units, UNIT_COLUMN)
    const CellGradient step = {gates, dc, cell, new_cell, GIVEN_OR_NULL(peephole), 0, dh, coupled, units, clip, ZONEOUT_OF(cell)};
    const Zoneout hidden_zoneout = ZONEOUT_OF(hidden);
    for (int r = 0; r < EACH; r++)
    {
        const int row = first_row + r * SIDE + item_row;
        for (int c = 0; c < EACH; c++)
        {
            const int unit = first_column + c * SIDE + item_column;
            if (row >= rows || unit >= units) continue;
            const size_t at = (size_t)row * units + unit;
            const int padded = PADDED(lengths, batch_step, row);
            if (!GIVEN(factors)) dh[at] = sum[r][c];
            else if (inner > 0) dh[at] = fma(sum[r][c], factors[at], dh[at]);
            const float carry = hold_hidden_gradient(hidden_zoneout, dh, row, units, unit, padded);
            if (padded || hidden_is_on) dh_before[at] += carry;
            if (!padded) variant_cell_gradient(step, row, unit);
        }
    }
}

// Gates and new cell of a step whose cell is normalised before the output. One work-item a unit of a row.
kernel void lstm_variant_gates(
    SPAN(float, gates), SPAN(float, cell), SPAN(float, new_cell), SPAN(float, next_cell), SPAN(float, peephole), SPAN(float, cell_output),
    SPAN(int, lengths), const int batch_step, const int coupled, const float clip, const int units, const int count, MASKS, ZONEOUT(cell))
{
    OPEN(float, gates);
    OPEN(float, cell);
    OPEN(float, new_cell);
    OPEN(float, next_cell);
    OPEN(float, peephole);
    OPEN(float, cell_output);
    OPEN(int, lengths);
    OPEN(int, keys);
    const int index = get_global_id(0);
    if (index >= count) return;
    const Cell step = {
        gates, new_cell, next_cell, 0, GIVEN_OR_NULL(cell_output), cell, GIVEN_OR_NULL(peephole), coupled, units, clip, ZONEOUT_OF(cell)};
    variant_cell(step, index / units, index % units, PADDED(lengths, batch_step, index / units));
}

// h~ = o*tanh(gain*normalized + shift), with new_cell normalised first. o [N,GH] at the output gate; norm [2,H]. One group of 16 a row.
kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void lstm_normalized_output(
    SPAN(float, o), const int gate_rows, SPAN(float, new_cell), SPAN(float, norm), SPAN(float, normalized), SPAN(float, inverses), SPAN(float, output),
    SPAN(int, lengths), const int batch_step, const int units, const float epsilon)
{
    OPEN(float, o);
    OPEN(float, new_cell);
    OPEN(float, norm);
    OPEN(float, normalized);
    OPEN(float, inverses);
    OPEN(float, output);
    OPEN(int, lengths);
    local float lanes[LANES];
    const int n = get_group_id(0), lane = get_local_id(0);
    const size_t at = (size_t)n * units;
    const int padded = PADDED(lengths, batch_step, n);
    FOR_LANE(unit, units) normalized[at + unit] = padded ? 0.0f : new_cell[at + unit];

    // The whole group goes the same way through the barriers: a row that has ended normalises zeros.
    const float inverse = normalize_row(normalized + at, units, lanes, lane, epsilon);
    if (lane == 0) inverses[n] = padded ? 0.0f : inverse;
    FOR_LANE(unit, padded ? 0 : units)
        output[at + unit] = o[(size_t)n * gate_rows + unit] * tanh_of(fma(norm[unit], normalized[at + unit], norm[units + unit]));
}

// Zoneout of h [N,P], or the state of before for a row that has ended.
kernel void lstm_hidden(
    SPAN(float, before), SPAN(float, after), SPAN(int, lengths), const int batch_step, const int width, const int count, MASKS, ZONEOUT(hidden))
{
    OPEN(float, before);
    OPEN(float, after);
    OPEN(int, lengths);
    OPEN(int, keys);
    const int index = get_global_id(0);
    if (index >= count) return;
    const Zoneout zoneout = ZONEOUT_OF(hidden);
    hold_hidden(zoneout, before, after, index / width, width, index % width, PADDED(lengths, batch_step, index / width));
}

// Backward of lstm_hidden: what of dh passes by the step goes to the carry, the rest stays.
kernel void lstm_hidden_gradient(
    SPAN(float, dh), SPAN(float, carry), SPAN(int, lengths), const int batch_step, const int width, const int count, MASKS, ZONEOUT(hidden))
{
    OPEN(float, dh);
    OPEN(float, carry);
    OPEN(int, lengths);
    OPEN(int, keys);
    const int index = get_global_id(0);
    if (index >= count) return;
    const Zoneout zoneout = ZONEOUT_OF(hidden);
    carry[index] = hold_hidden_gradient(zoneout, dh, index / width, width, index % width, PADDED(lengths, batch_step, index / width));
}

// Backward of lstm_normalized_output: the gradient of the output gate's pre-activation in place of o, of what tanh is taken of (dm, zero for a row
// that has ended), and of the cell before it was normalised.
kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void lstm_normalized_output_gradient(
    SPAN(float, o), const int gate_rows, SPAN(float, norm), SPAN(float, normalized), SPAN(float, inverses), SPAN(float, dh), SPAN(float, dm),
    SPAN(float, dcell), SPAN(int, lengths), const int batch_step, const int units)
{
    OPEN(float, o);
    OPEN(float, norm);
    OPEN(float, normalized);
    OPEN(float, inverses);
    OPEN(float, dh);
    OPEN(float, dm);
    OPEN(float, dcell);
    OPEN(int, lengths);
    local float lanes[LANES];
    const int n = get_group_id(0), lane = get_local_id(0);
    const size_t at = (size_t)n * units;
    const int padded = PADDED(lengths, batch_step, n);
    FOR_LANE(unit, units)
    {
        if (padded)
        {
            dm[at + unit] = 0.0f;
            continue;
        }

        global float* const gate_at = o + (size_t)n * gate_rows + unit;
        const float gate = *gate_at, d = dh[at + unit];
        const float tanh_cell = tanh_of(fma(norm[unit], normalized[at + unit], norm[units + unit]));
        dm[at + unit] = d * gate * (1.0f - tanh_cell * tanh_cell);
        *gate_at = d * tanh_cell * (gate * (1.0f - gate));
    }

    normalize_row_gradient(normalized + at, inverses[n], norm, dm + at, dcell + at, units, lanes, lane);
}

// Backward of a step's gates between matrix products: dz in place of the gates, dc of the step before in place of dc. With a normalised cell
// normalized_gradient [N,H] is what came through the normalisation. One work-item a unit of a row.
kernel void lstm_variant_gates_gradient(
    SPAN(float, gates), SPAN(float, cell), SPAN(float, new_cell), SPAN(float, peephole), SPAN(float, normalized_gradient), SPAN(float, dh),
    SPAN(float, dc), SPAN(int, lengths), const int batch_step, const int coupled, const float clip, const int units, const int count, MASKS, ZONEOUT(cell))
{
    OPEN(float, gates);
    OPEN(float, cell);
    OPEN(float, new_cell);
    OPEN(float, peephole);
    OPEN(float, normalized_gradient);
    OPEN(float, dh);
    OPEN(float, dc);
    OPEN(int, lengths);
    OPEN(int, keys);
    const int index = get_global_id(0);
    if (index >= count || PADDED(lengths, batch_step, index / units)) return;
    const CellGradient step = {
        gates, dc, cell, new_cell, GIVEN_OR_NULL(peephole), GIVEN_OR_NULL(normalized_gradient), dh, coupled, units, clip, ZONEOUT_OF(cell)};
    variant_cell_gradient(step, index / units, index % units);
}
