// The steps of an LSTM with options, or over rows of different lengths, between its matrix products (Devices/LstmOptions.cs has the equations).
// One work-item a unit of a row, rows n, units H.
// gates [N,GH] in the order i, f, g, o; states before and after the step [N,H].

// The share of zoneout's old value in an element: 0 or 1 in training, else the rate (Krueger et al. 2017). Mask words as in dropout.
#define ZONEOUT                                                                                                                                \
    SPAN(int, keys), const uint key_low, const uint key_high, const uint stream, const uint threshold, const float rate, const int step
#define IS_OLD(n, width, feature) \
    (philox_word(key_low, key_high, stream, (uint)keys[2 * (n)], (uint)keys[2 * (n) + 1], (ulong)step * (width) + (feature)) < threshold)
#define NEW_PART(is_old, value) (GIVEN(keys) ? ((is_old) ? 0.0f : (value)) : (value) * (1.0f - rate))
#define OLD_PART(is_old, value) (GIVEN(keys) ? ((is_old) ? (value) : 0.0f) : (value) * rate)

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

// Gates and new cell with any options; output is h~, left out when the cell is normalised in between. A row that has ended keeps its cell.
kernel void lstm_variant_gates(
    SPAN(float, gates), SPAN(float, cell), SPAN(float, new_cell), SPAN(float, next_cell), SPAN(float, peephole), SPAN(float, output),
    SPAN(float, cell_output), SPAN(int, lengths), const int batch_step, const int coupled, const float clip, const int units, const int count,
    const int zoned, ZONEOUT)
{
    OPEN(float, gates);
    OPEN(float, cell);
    OPEN(float, new_cell);
    OPEN(float, next_cell);
    OPEN(float, peephole);
    OPEN(float, output);
    OPEN(float, cell_output);
    OPEN(int, lengths);
    OPEN(int, keys);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int n = index / units, unit = index % units, gate_count = coupled ? 3 : 4;
    global float* const z = gates + (size_t)n * gate_count * units + unit;
    global float* const z_g = z + (gate_count - 2) * units;
    global float* const z_o = z_g + units;
    const float c = cell[index];
    if (PADDED(lengths, batch_step, n))
    {
        for (int gate = 0; gate < gate_count; gate++) z[gate * units] = 0.0f;
        if (zoned) new_cell[index] = 0.0f;
        if (GIVEN(cell_output)) cell_output[index] = 0.0f;
        next_cell[index] = c;
        return;
    }

    const int peeps = GIVEN(peephole);
    const float i = sigmoid_of(peeps ? fma(peephole[unit], c, z[0]) : z[0]);
    z[0] = i;
    float f = 1.0f - i;
    if (!coupled)
    {
        f = sigmoid_of(peeps ? fma(peephole[units + unit], c, z[units]) : z[units]);
        z[units] = f;
    }

    const float g = tanh_of(*z_g);
    *z_g = g;
    float updated = fma(f, c, i * g);
    if (clip > 0.0f) updated = clamped(updated, -clip, clip);
    const float o = sigmoid_of(peeps ? fma(peephole[(gate_count - 2) * units + unit], updated, *z_o) : *z_o);
    *z_o = o;
    if (GIVEN(output)) output[index] = o * tanh_of(updated);
    if (zoned)
    {
        const int is_old = GIVEN(keys) && IS_OLD(n, units, unit);
        new_cell[index] = updated;
        updated = NEW_PART(is_old, updated) + OLD_PART(is_old, c);
    }

    next_cell[index] = updated;
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
    SPAN(float, before), SPAN(float, after), SPAN(int, lengths), const int batch_step, const int width, const int count, const int zoned, ZONEOUT)
{
    OPEN(float, before);
    OPEN(float, after);
    OPEN(int, lengths);
    OPEN(int, keys);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int n = index / width;
    if (PADDED(lengths, batch_step, n))
    {
        after[index] = before[index];
    }
    else if (zoned)
    {
        const int is_old = GIVEN(keys) && IS_OLD(n, width, index % width);
        after[index] = NEW_PART(is_old, after[index]) + OLD_PART(is_old, before[index]);
    }
}

// Backward of lstm_hidden: what of dh passes by the step goes to the carry, the rest stays.
kernel void lstm_hidden_gradient(
    SPAN(float, dh), SPAN(float, carry), SPAN(int, lengths), const int batch_step, const int width, const int count, const int zoned, ZONEOUT)
{
    OPEN(float, dh);
    OPEN(float, carry);
    OPEN(int, lengths);
    OPEN(int, keys);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int n = index / width;
    const float d = dh[index];
    float old = 0.0f;
    if (PADDED(lengths, batch_step, n))
    {
        old = d;
        dh[index] = 0.0f;
    }
    else if (zoned)
    {
        const int is_old = GIVEN(keys) && IS_OLD(n, width, index % width);
        old = OLD_PART(is_old, d);
        dh[index] = NEW_PART(is_old, d);
    }

    carry[index] = old;
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

// Backward of lstm_variant_gates: dz in place of the gates, dc of the step before in place of dc. With a normalised cell the output gate's gradient
// stands in its place already, and normalized_gradient [N,H] is what came through the normalisation.
kernel void lstm_variant_gates_gradient(
    SPAN(float, gates), SPAN(float, cell), SPAN(float, new_cell), SPAN(float, peephole), SPAN(float, normalized_gradient), SPAN(float, dh),
    SPAN(float, dc), SPAN(int, lengths), const int batch_step, const int coupled, const float clip, const int units, const int count,
    const int zoned, ZONEOUT)
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
    if (index >= count) return;
    const int n = index / units, unit = index % units, gate_count = coupled ? 3 : 4, peeps = GIVEN(peephole);
    if (PADDED(lengths, batch_step, n)) return;
    global float* const z = gates + (size_t)n * gate_count * units + unit;
    global float* const z_g = z + (gate_count - 2) * units;
    global float* const z_o = z_g + units;
    const float i = z[0], f = coupled ? 1.0f - i : z[units], g = *z_g, c = cell[index], updated = new_cell[index];

    float dcell = dc[index], carry = 0.0f;
    if (zoned)
    {
        const int is_old = GIVEN(keys) && IS_OLD(n, units, unit);
        carry = OLD_PART(is_old, dcell);
        dcell = NEW_PART(is_old, dcell);
    }

    float dz_o = *z_o;
    if (GIVEN(normalized_gradient))
    {
        dcell += normalized_gradient[index];
    }
    else
    {
        const float o = dz_o, tanh_cell = tanh_of(updated), dhidden = dh[index];
        dz_o = dhidden * tanh_cell * (o * (1.0f - o));
        dcell = fma(dhidden * o, 1.0f - tanh_cell * tanh_cell, dcell);
        *z_o = dz_o;
    }

    if (peeps) dcell = fma(dz_o, peephole[(gate_count - 2) * units + unit], dcell);
    if (clip > 0.0f) dcell = fabs(updated) < clip ? dcell : 0.0f;

    const float dz_i = (coupled ? dcell * (g - c) : dcell * g) * (i * (1.0f - i));
    z[0] = dz_i;
    *z_g = dcell * i * (1.0f - g * g);
    float before = dcell * f;
    if (peeps) before = fma(dz_i, peephole[unit], before);
    if (!coupled)
    {
        const float dz_f = dcell * c * (f * (1.0f - f));
        z[units] = dz_f;
        if (peeps) before = fma(dz_f, peephole[units + unit], before);
    }

    dc[index] = zoned ? before + carry : before;
}
